"""Exports and erasures on a real database."""

import datetime
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
from sqlalchemy import Text, cast, func, select

from functions.accounts.audit import AuditEvent
from functions.accounts.oauth.tables import (
    App,
    AppUser,
    AuthorizationCode,
    DeviceCode,
    Grant,
    PendingAuthorization,
    RefreshToken,
    TokenFamily,
)
from functions.accounts.people.tables import SessionRow
from functions.accounts.plans import families
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.privacy import handlers, routes, tick
from functions.accounts.privacy.erasures import Erasures
from functions.accounts.privacy.exports import Export, Exports
from functions.accounts.privacy.links import DownloadLinks
from functions.accounts.privacy.tables import Erasure
from functions.accounts.tables import metadata
from shared.errors import NotFound, Unavailable
from shared.messaging import Publisher
from shared.web import Api, create_app
from tests.integration.functions.accounts.plans.world import (
    OWN_APP,
    URL,
    FakeVerifier,
)
from tests.integration.functions.accounts.plans.world import (
    World as Plans,
)

TOPIC = "projects/p/topics/person-erased"


class MemoryFiles:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.away = False

    async def put(self, export_id: str, archive: bytes) -> None:
        self._fail_if_away()
        self.kept[export_id] = archive

    async def read(self, export_id: str) -> AsyncIterator[bytes]:
        self._fail_if_away()
        if export_id not in self.kept:
            raise NotFound("The archive is no longer there")
        for start in range(0, len(self.kept[export_id]), 100):
            yield self.kept[export_id][start : start + 100]

    async def delete(self, export_id: str) -> None:
        self._fail_if_away()
        self.kept.pop(export_id, None)

    def _fail_if_away(self) -> None:
        if self.away:
            raise ConnectionError("away")


class Topic(Publisher):
    def __init__(self) -> None:
        super().__init__("tests")
        self.published: list[tuple[str, msgspec.Struct, str]] = []
        self.away = False

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        if self.away:
            raise TimeoutError
        self.published.append((topic, event, event_id))


class Identities:
    def __init__(self) -> None:
        self.deleted: list[str] = []
        self.away = False

    async def delete(self, uid: str) -> None:
        if self.away:
            raise Unavailable("away")
        self.deleted.append(uid)


class Source:
    def __init__(self) -> None:
        self.away = False

    async def collect(self, user_id: str) -> dict[str, list[Any]]:
        if self.away:
            raise Unavailable("An owner of your data does not answer; try again")
        return {"media/uploads": [{"id": "u", "owner": user_id}]}


class World:
    """Privacy beside plans, which give it something to export and to erase."""

    def __init__(self, plans: Plans, services: tuple[str, ...] = ("media", "catalog")) -> None:
        self.plans = plans
        self.database = plans.database
        self.clock = plans.clock
        self.files = MemoryFiles()
        self.topic = Topic()
        self.identities = Identities()
        self.source = Source()
        self.exports = Exports(
            self.database,
            self.files,
            DownloadLinks("secret", public_url=URL, now=self.clock),
            sources=[self.source],
            now=self.clock,
        )
        self.erasures = Erasures(
            self.database,
            publisher=self.topic,
            topic=TOPIC,
            services=services,
            forget_identity=self.identities.delete,
            forget_customer=plans.payments.forget,
            files=self.files,
            now=self.clock,
        )

    def client(self) -> httpx.AsyncClient:
        dependencies = routes.Dependencies(
            api=Api(FakeVerifier()),  # type: ignore[arg-type]  # only `verify` is used
            database=self.database,
            exports=self.exports,
            erasures=self.erasures,
            first_party=frozenset({OWN_APP}),
            now=self.clock,
        )
        app = create_app([*routes.routes(dependencies), *handlers.routes(self.erasures)])
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL)

    async def fill(self, user_id: str) -> None:
        """Something in every table that is about people."""
        await self.plans.billing.choose(user_id, Plan.family, Period.month)
        await self.sign_in(user_id)
        later = self.clock() + datetime.timedelta(days=1)
        async with self.database.session() as session:
            await families.invite(session, user_id, self.clock())
            session.add(
                App(
                    id=f"app-of-{user_id}",
                    owner_id=user_id,
                    name="App",
                    confidential=True,
                    quota=0,
                    secret_hash="SECRET",
                    previous_secret_hash=None,
                )
            )
            await session.flush()
            mine = {"app_id": f"app-of-{user_id}", "user_id": user_id}
            session.add_all([AppUser(**mine), Grant(**mine, scopes=["streaming"])])
            family = TokenFamily(id=f"family-{user_id}", **mine, scopes=[])
            session.add(family)
            await session.flush()
            session.add(
                RefreshToken(hash=f"SECRET-{user_id}", family_id=family.id, expires_at=later)
            )
            session.add(
                AuthorizationCode(
                    hash=f"SECRET-{user_id}", **mine, scopes=[], redirect_uri="", expires_at=later
                )
            )
            session.add(
                DeviceCode(
                    hash=f"SECRET-{user_id}",
                    user_code_hash=f"SECRET-{user_id}",
                    **mine,
                    scopes=[],
                    interval_s=5,
                    expires_at=later,
                )
            )
            session.add(
                PendingAuthorization(id=f"pending-{user_id}", **mine, query="q", expires_at=later)
            )

    async def sign_in(self, user_id: str) -> None:
        async with self.database.session() as session:
            session.add(
                SessionRow(
                    id_hash=f"{user_id}-{self.clock()}",
                    user_id=user_id,
                    created_at=self.clock(),
                    rotated_at=self.clock(),
                    expires_at=self.clock() + datetime.timedelta(days=30),
                    user_agent="<script>",
                )
            )

    async def export(self, user_id: str = "anna") -> Export:
        """An archive that is made, if it can be."""
        asked = await self.exports.ask(user_id)
        await self.exports.make(asked.id)
        return await self.exports.get(user_id, asked.id)

    async def tick(self) -> dict[str, int]:
        return await tick.tick(
            self.erasures, self.exports, self.database, self.files, now=self.clock
        )

    async def erasure(self, user_id: str = "anna") -> Erasure:
        async with self.database.session() as session:
            found = await session.get(Erasure, user_id)
        assert found is not None
        return found

    async def tags(self, user_id: str = "anna") -> list[str]:
        async with self.database.session() as session:
            rows = await session.scalars(
                select(AuditEvent.tag).where(AuditEvent.subject == user_id).order_by(AuditEvent.id)
            )
            return list(rows)

    async def tables_that_mention(self, text: str) -> set[str]:
        """In any column of any row."""
        async with self.database.session() as session:
            mentioning = set()
            for table in metadata.sorted_tables:
                whole_row = cast(func.row_to_json(table.table_valued()), Text)
                counted = await session.scalar(
                    select(func.count()).select_from(table).where(whole_row.contains(text))
                )
                if counted:
                    mentioning.add(table.name)
            return mentioning
