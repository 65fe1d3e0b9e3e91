"""People in a browser without JavaScript: pages, forms, cookies and redirects over plain HTTP."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from tests.platform import Platform

PASSWORD = "correct horse battery staple"
CLI = "cadenza-cli"
CLI_REDIRECT = "http://127.0.0.1:9/callback"
_MOST_REDIRECTS = 10


@dataclass
class Form:
    """A form of a page: what it sends as it stands, without a button."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What the browser shows; `left_to` is where it was sent outside the platform, or ""."""

    url: str
    status: int
    text: str
    headers: httpx.Headers
    left_to: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, path: str) -> Form:
        """The form that is sent to `path`; raises `LookupError`."""
        for form in _Forms.read(self.text):
            if urlsplit(urljoin(self.url, form.action)).path == path:
                return form
        raise LookupError(f"{self.url} ({self.status}) has no form for {path}:\n{self.text}")

    @property
    def problems(self) -> str:
        """What the page says is wrong."""
        found = re.search(r'role="alert".*?</div>', self.text, re.DOTALL)
        return re.sub(r"<[^>]*>|\s+", " ", found[0]) if found else ""

    def answer(self) -> dict[str, str]:
        """The parameters that the browser was sent away with."""
        assert self.left_to, f"still at {self.url} ({self.status}):\n{self.text}"
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left_to).query).items()}


class Browser:
    """One person's browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, address: str) -> Page:
        return self._follow("GET", urljoin(self.url, address))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Sends a form with these fields filled in; a button's value is one of them."""
        data = {**form.fields, **values}
        return self._follow("POST", urljoin(page.url, form.action), data, page.url)

    def _follow(
        self, method: str, url: str, data: dict[str, str] | None = None, referer: str = ""
    ) -> Page:
        origin = f"{urlsplit(self.url).scheme}://{urlsplit(self.url).netloc}"
        for _ in range(_MOST_REDIRECTS):
            headers = {"Origin": origin, "Referer": referer} if method == "POST" else {}
            answer = self.client.request(method, url, data=data, headers=headers)
            page = Page(url, answer.status_code, answer.text, answer.headers)
            if not answer.is_redirect:
                return page
            target = urljoin(url, answer.headers["Location"])
            if not target.startswith(f"{origin}/"):
                return Page(url, answer.status_code, answer.text, answer.headers, target)
            method, url, data = "GET", target, None
        raise RecursionError(f"redirected too often, last to {url}")


def sign_up(platform: Platform, email: str, password: str = PASSWORD, name: str = "") -> Browser:
    """A new listener, signed in."""
    browser = Browser(platform.url)
    page = browser.open("/signup")
    page = browser.submit(
        page,
        page.form("/signup"),
        email=email,
        password=password,
        name=name or email.partition("@")[0],
        country="SE",
    )
    assert page.status == 200, page.problems or page.text
    assert page.path != "/signup", page.problems
    return browser


def sign_in(platform: Platform, email: str, password: str = PASSWORD) -> Browser:
    """A listener who signs in anew, in another browser."""
    browser = Browser(platform.url)
    page = try_to_sign_in(browser, email, password)
    assert page.status == 200, page.problems or page.text
    assert page.path != "/signin", page.problems
    return browser


def try_to_sign_in(browser: Browser, email: str, password: str) -> Page:
    """What the sign-in page answers."""
    page = browser.open("/signin")
    return browser.submit(page, page.form("/signin"), email=email, password=password)


def consent(browser: Browser, authorize_url: str, *, agree: bool = True) -> Page:
    """Goes through `/authorize` to where the app is told; agrees or refuses if asked."""
    page = browser.open(authorize_url)
    if page.path == "/consent" and not page.left_to:
        answer = "allow" if agree else "refuse"
        page = browser.submit(page, page.form("/consent"), answer=answer)
    return page


def enter_code(browser: Browser, user_code: str, *, agree: bool = True) -> Page:
    """Types in the code that a device shows, and lets the device in or not."""
    page = browser.open("/device")
    page = browser.submit(page, page.form("/device"), user_code=user_code)
    answer = "allow" if agree else "refuse"
    return browser.submit(page, page.form("/device"), answer=answer)


@dataclass(frozen=True)
class Pkce:
    """A verifier and what is said of it beforehand."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def authorize_url(platform: Platform, client_id: str, redirect_uri: str, **more: str) -> str:
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": "a state",
        **more,
    }
    return f"{platform.url}/authorize?{urlencode(query)}"


def tokens_of(
    platform: Platform, browser: Browser, scope: str = "user-read-private user-read-email"
) -> dict[str, Any]:
    """Tokens of Cadenza's own command line for the person in the browser."""
    pkce = Pkce()
    page = consent(
        browser,
        authorize_url(
            platform,
            CLI,
            CLI_REDIRECT,
            scope=scope,
            code_challenge=pkce.challenge,
            code_challenge_method="S256",
        ),
    )
    answer = httpx.post(
        f"{platform.url}/api/token",
        data={
            "grant_type": "authorization_code",
            "client_id": CLI,
            "code": page.answer()["code"],
            "redirect_uri": CLI_REDIRECT,
            "code_verifier": pkce.verifier,
        },
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


@dataclass(frozen=True)
class App:
    """An app that a person registered; `secret` is "" if it is public."""

    id: str
    secret: str
    redirect_uri: str


def register_app(
    platform: Platform, browser: Browser, redirect_uri: str, *, confidential: bool = True
) -> App:
    """An app of the person in the browser, who alone may use it while it is in development."""
    body = {
        "name": "A test",
        "description": "Tests the platform",
        "redirect_uris": [redirect_uri],
        "confidential": confidential,
    }
    with platform.client(tokens_of(platform, browser)["access_token"]) as client:
        answer = client.post("/v1/me/apps", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return App(made["id"], made.get("secret", ""), redirect_uri)


class _Forms(HTMLParser):
    """Reads the forms of a page as a browser does, as far as ours need it."""

    @classmethod
    def read(cls, text: str) -> list[Form]:
        reader = cls()
        reader.feed(text)
        reader.close()
        return reader._forms

    def __init__(self) -> None:
        super().__init__()
        self._forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._forms.append(Form(given.get("action", "")))
        elif tag == "input" and self._forms and given.get("name"):
            kind = given.get("type", "text").lower()
            if kind == "submit" or (kind in {"checkbox", "radio"} and "checked" not in given):
                return
            self._forms[-1].fields[given["name"]] = given.get("value", "")
