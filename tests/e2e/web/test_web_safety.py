"""What the web player promises: no inline code, no strangers, no token in reach, no barriers."""

import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.web import browser as browsers
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener, Release
from tests.platform import ROOT, Platform

AXE = ROOT / "clients/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """
axe.run({runOnly: {type: "tag", values: RULES}}).then(answer => JSON.stringify(
    answer.violations.map(each => ({
        id: each.id,
        impact: each.impact,
        nodes: each.nodes.map(node => `${node.html.slice(0, 160)} ${node.failureSummary}`),
    }))))
"""
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@pytest.fixture
def played(listener: Listener, release: Release) -> tuple[Page, list[Request]]:
    """A page that has played something, and everything that it asked for."""
    asked: list[Request] = []
    page = listener.page

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    page.reload()
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    return page, asked


def test_the_policy_allows_no_inline_code(platform: Platform) -> None:
    answer = httpx.get(platform.url)
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", answer.text)


def test_the_policy_is_never_broken(
    chromium: Browser, platform: Platform, listener: Listener, release: Release
) -> None:
    page = listener.page
    page.add_init_script(
        """window.broken = [];
        document.addEventListener("securitypolicyviolation",
            event => broken.push(`${event.violatedDirective} ${event.blockedURI}`));"""
    )
    page.reload()
    for path in ("/search?q=a", f"/album/{release.id}", "/settings", "/queue", "/now-playing"):
        open_page(page, path)
        page.wait_for_timeout(300)

    assert page.evaluate("broken") == []


def test_text_does_not_become_markup_or_script(listener: Listener) -> None:
    refused = listener.page.evaluate(
        """() => {
            const tries = {
                markup: () => { document.createElement("div").innerHTML = "<b>x</b>"; },
                parsed: () => { new DOMParser().parseFromString("<b>x</b>", "text/html"); },
                script: () => { document.createElement("script").src = "/sw.js"; },
                worker: () => { new Worker("/sw.js"); },
                policy: () => { trustedTypes.createPolicy("another", {}); },
                again: () => { trustedTypes.createPolicy("cadenza", {}); },
            };
            return Object.entries(tries)
                .filter(([, attempt]) => {
                    try { attempt(); return false; } catch { return true; }
                })
                .map(([name]) => name);
        }"""
    )

    assert refused == ["markup", "parsed", "script", "worker", "policy", "again"]


def test_nothing_is_asked_of_strangers(
    platform: Platform, played: tuple[Page, list[Request]]
) -> None:
    _, asked = played
    hosts = {urlsplit(each.url).netloc for each in asked if each.url.startswith("http")}

    assert hosts == {urlsplit(platform.url).netloc}


def test_no_token_is_in_an_address_or_in_storage(played: tuple[Page, list[Request]]) -> None:
    page, asked = played
    tokens = {
        value.removeprefix("Bearer ")
        for each in asked
        if (value := each.headers.get("authorization", ""))
    }
    kept = page.evaluate(
        """async () => {
            const entries = [...Object.entries(localStorage), ...Object.entries(sessionStorage)];
            for (const { name } of await indexedDB.databases()) {
                const database = await new Promise((resolve, reject) => {
                    const request = indexedDB.open(name);
                    request.onsuccess = () => resolve(request.result);
                    request.onerror = () => reject(request.error);
                });
                for (const store of database.objectStoreNames) {
                    const request = database.transaction(store).objectStore(store).getAll();
                    entries.push([store, JSON.stringify(
                        await new Promise(resolve => request.onsuccess = () =>
                            resolve(request.result)))]);
                }
                database.close();
            }
            return JSON.stringify([entries, document.cookie, history.state, location.href]);
        }"""
    )

    assert tokens, "the player called nothing"
    assert not JWT.search(kept)
    assert not any(token in each.url for token in tokens for each in asked)
    (refresh,) = [each for each in page.context.cookies() if each["name"] == "cadenza_web"]
    assert refresh["httpOnly"]
    assert (refresh["sameSite"], refresh["path"]) == ("Strict", "/oauth/web")


def test_the_key_that_wraps_downloads_cannot_be_exported(
    newcomer: Listener, release: Release
) -> None:
    page = newcomer.page
    open_page(page, f"/album/{release.id}")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("button", name="Downloaded: remove")).to_be_visible(timeout=60_000)

    kept = page.evaluate(
        """async () => {
            const request = (open) => new Promise((resolve, reject) => {
                open.onsuccess = () => resolve(open.result);
                open.onerror = () => reject(open.error);
            });
            const database = await request(indexedDB.open("cadenza"));
            const values = await request(
                database.transaction("keys").objectStore("keys").getAll());
            database.close();
            const keys = values.filter(value => value instanceof CryptoKey);
            const carried = [];
            for (const key of keys) {
                for (const form of ["raw", "jwk"]) {
                    await crypto.subtle.exportKey(form, key).then(
                        () => carried.push(form), () => undefined);
                }
            }
            return {
                extractable: keys.map(key => key.extractable),
                carried,
                others: values.filter(value => !(value instanceof CryptoKey))
                    .map(value => Object.keys(value).sort()),
            };
        }"""
    )

    assert kept["extractable"] == [False]
    assert kept["carried"] == []
    assert kept["others"] == [["data", "expiresAt", "nonce"]] * len(release.songs)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(listener: Listener, release: Release, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci in clients/web)")
    page = listener.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    artist = page.locator(".head .artists a").first.get_attribute("href")
    with listener.platform.client(listener.token("user-read-private")) as client:
        own = client.get("/v1/me").json()["id"]
    found = {}
    for path in (
        "/", "/search", "/search?q=light", f"/album/{release.id}", str(artist), "/collection",
        f"/user/{own}",
        "/collection/tracks", "/queue", "/now-playing", "/devices", "/downloads", "/settings",
    ):  # fmt: skip
        open_page(page, path)
        expect(page.locator(".skeleton")).to_have_count(0)
        page.wait_for_timeout(300)
        if violations := _axe(page):
            found[path] = violations

    assert not found, json.dumps(found, indent=1)


def test_axe_finds_nothing_before_signing_in(chromium: Browser, platform: Platform) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci in clients/web)")
    context = browsers.new_context(chromium)
    page = context.new_page()
    page.goto(platform.url)
    page.get_by_role("button", name="Sign in").wait_for()

    assert _axe(page) == []
    context.close()


def _axe(page: Page) -> list[dict[str, object]]:
    """What is wrong, and where. The script comes from the test, past the page's policy."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    answer = session.send(
        "Runtime.evaluate",
        {
            "expression": RUN_AXE.replace("RULES", json.dumps(RULES)),
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    violations: list[dict[str, object]] = json.loads(answer["result"]["value"])
    return violations
