import re

import httpx2

from tests.unit.functions.accounts.pages.conftest import Browser


def style_of(browser: Browser) -> httpx2.Response:
    found = re.search(
        r'href="(/assets/accounts/accounts\.[0-9a-f]{16}\.css)"', browser.get("/signin").text
    )
    assert found is not None

    return browser.get(found[1])


def test_the_style_may_be_kept_for_ever(browser: Browser) -> None:
    style = style_of(browser)

    assert style.headers["Content-Type"].startswith("text/css")
    assert "immutable" in style.headers["Cache-Control"]
    assert "prefers-reduced-motion" in style.text
    assert "@import" not in style.text


def test_nothing_else_lies_there(browser: Browser) -> None:
    for name in ("accounts.css", "none.css", "..%2Fsite.py", "%2e%2e%2fsite.py"):
        assert browser.get(f"/assets/accounts/{name}").status_code == 404


def test_colours_are_told_apart_well(browser: Browser) -> None:
    """Contrast of at least 4.5 for text (WCAG 1.4.3) and 3 for borders of fields (1.4.11)."""
    css = style_of(browser).text
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css.split("@media")[0]))
    dark = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css.split("@media")[1]))
    for colours in (light, dark):
        for ink in ("ink", "quiet", "accent", "accent-strong", "danger"):
            for paper in ("paper", "surface"):
                assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
        for ink, paper in (
            ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent", "accent-wash"),
            ("accent-strong", "accent-wash"), ("danger", "danger-wash"), ("good", "good-wash"),
        ):  # fmt: skip
            assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
        for paper in ("paper", "surface"):
            assert contrast(colours["field"], colours[paper]) >= 3, paper


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
