"""The authorization server on a real database, with a browser and apps to use it."""

import base64
import datetime
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec import json
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from functions.accounts.cross_origin import CrossOrigin
from functions.accounts.database import Database
from functions.accounts.oauth import apps
from functions.accounts.oauth.consent import Consents
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.device_pages import Devices
from functions.accounts.oauth.keys import SigningKeys
from functions.accounts.oauth.routes import routes
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Plan
from shared import ids
from shared.limits import RateLimits
from shared.tokens import KeyCache, Verifier
from shared.web import Api, create_app

PUBLIC_URL = "http://localhost:8080"
AUDIENCE = "https://api.example"
CALLBACK = "https://app.example/callback"


def private_key(kid: str = "first") -> dict[str, str]:
    """A key as SIGNING_KEYS holds it."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"kid": kid, "pem": pem.decode()}


KEYS = SigningKeys.from_json(json.encode({"keys": [private_key()]}).decode())


@dataclass
class Clock:
    """A time that stands still until it is moved."""

    at: datetime.datetime

    def __call__(self) -> datetime.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += datetime.timedelta(**by)


@dataclass(frozen=True)
class Program:
    """An app, with what it knows about itself."""

    id: str
    secret: str | None
    redirect_uri: str = CALLBACK

    @property
    def credentials(self) -> dict[str, str]:
        secret = {"client_secret": self.secret} if self.secret else {}
        return {"client_id": self.id, **secret}


@dataclass(frozen=True)
class Pkce:
    """A verifier and the challenge made from it."""

    verifier: str
    challenge: str

    @classmethod
    def fresh(cls) -> "Pkce":
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        return cls(verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())

    @property
    def asked(self) -> dict[str, str]:
        return {"code_challenge": self.challenge, "code_challenge_method": "S256"}


class World:
    """Everything a test needs. `browser_user` is who is signed in to the browser."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock(datetime.datetime.now(datetime.UTC))
        self.browser_user: User | None = None
        self.plan = Plan.free
        self.dependencies = Dependencies(
            database=database,
            keys=KEYS,
            public_url=PUBLIC_URL,
            issuer=PUBLIC_URL,
            audience=AUDIENCE,
            current_user=self._current_user,
            plan_of=self._plan_of,
            limits=RateLimits(),
            now=self.clock,
        )
        self.verifier = Verifier(KeyCache(KEYS.fetch), issuer=PUBLIC_URL, audience=AUDIENCE)
        app = create_app(routes(self.dependencies, Api(self.verifier)))
        app.add_middleware(CrossOrigin)
        transport = httpx.ASGITransport(app)
        self.http = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)
        self.consents = Consents(self.dependencies)
        self.devices = Devices(self.dependencies)

    async def _current_user(self, _: Request) -> User | None:
        return self.browser_user

    async def _plan_of(self, _: AsyncSession, __: str, ___: datetime.datetime) -> Plan:
        return self.plan

    async def add_user(self, name: str, *roles: str) -> User:
        user = User(
            id=ids.derive("user", name),
            email=f"{name}@example.com",
            display_name=name,
            country="AT",
            roles=["listener", *roles],
        )
        async with self.database.session() as session:
            session.add(user)
        return user

    async def add_app(
        self, owner: User, *, confidential: bool = True, redirect_uri: str = CALLBACK
    ) -> Program:
        async with self.database.session() as session:
            app, secret = await apps.register(
                session,
                owner.id,
                name="Mixer",
                description="Mixes.",
                redirect_uris=[redirect_uri],
                confidential=confidential,
            )
        return Program(app.id, secret, redirect_uri)

    async def authorize(self, app: Program, **query: str) -> httpx.Response:
        """The browser is sent to `/authorize`; a parameter of "" is left out."""
        asked = {
            "response_type": "code",
            "client_id": app.id,
            "redirect_uri": app.redirect_uri,
            "state": "a state",
            **query,
        }
        return await self.http.get("/authorize", params={k: v for k, v in asked.items() if v})

    async def code(self, app: Program, user: User, **query: str) -> str:
        """A code for the app, to which the user consents."""
        self.browser_user = user
        response = await self.authorize(app, **query)
        if response.headers["location"].startswith("/consent"):
            request_id = sent_to(response)["request"]
            back = await self.consents.approve(request_id, user)
            return sent_to(back)["code"]
        return sent_to(response)["code"]

    async def token(self, **form: str) -> httpx.Response:
        return await self.http.post("/api/token", data=form)

    async def exchange(self, app: Program, code: str, **form: str) -> httpx.Response:
        return await self.token(
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": app.redirect_uri,
                **app.credentials,
                **form,
            }
        )

    async def tokens(self, app: Program, user: User, scope: str = "streaming") -> dict[str, Any]:
        """Tokens of an app of either kind, by authorization code."""
        pkce = Pkce.fresh()
        code = await self.code(app, user, scope=scope, **pkce.asked)
        response = await self.exchange(app, code, code_verifier=pkce.verifier)
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    async def refresh(self, app: Program, refresh_token: str, **form: str) -> httpx.Response:
        return await self.token(
            grant_type="refresh_token", refresh_token=refresh_token, **app.credentials, **form
        )

    async def introspect(self, app: Program, token: str) -> dict[str, Any]:
        response = await self.http.post(
            "/oauth/introspect", data={"token": token, **app.credentials}
        )
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


def sent_to(response: Any) -> dict[str, str]:
    """The parameters of the address that the browser is sent to."""
    return dict(parse_qsl(urlsplit(response.headers["location"]).query, strict_parsing=True))


def claims_of(token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(KEYS.jwks())  # type: ignore[arg-type]  # a JWKS is a plain dict
    return jwt.decode(token, keys, algorithms=["ES256"]).claims
