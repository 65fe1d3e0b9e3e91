"""The accounts database: PostgreSQL, through SQLAlchemy's asynchronous sessions."""

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from shared.errors import BadRequest, Unavailable

if TYPE_CHECKING:
    import asyncpg

POOL_SIZE = 5
# A request waits this long for a connection, and no longer, before it answers 503.
CONNECT_TIMEOUT_S = 3.0
# A server that hangs keeps its connections open: this is what ends a statement on one of them.
STATEMENT_TIMEOUT_S = 4.0
# PostgreSQL's text holds no zero characters.
_UNSTORABLE_TEXT = "22021"


class Base(DeclarativeBase):
    """Every table of the accounts service."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        datetime.datetime: DateTime(timezone=True),
    }


class Database:
    """Connections, made when first used. `instance` names a Cloud SQL instance, or is ""."""

    def __init__(
        self,
        url: str,
        *,
        instance: str = "",
        user: str = "",
        statement_timeout_s: float = STATEMENT_TIMEOUT_S,
    ) -> None:
        self._url = url
        self._instance = instance
        self._user = user
        self._timeouts = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": statement_timeout_s}
        self._engine: AsyncEngine | None = None
        self._connector: Any = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back on an error.

        Raises `Unavailable` when the database does not answer, and `BadRequest` for text that
        it cannot hold.
        """
        try:
            async with self._sessions()() as session, session.begin():
                yield session
        except (OperationalError, InterfaceError, OSError, TimeoutError) as error:
            raise Unavailable("Accounts are not available for now; try again") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable("Accounts are not available for now; try again") from error
            if getattr(error.orig, "sqlstate", None) == _UNSTORABLE_TEXT:
                raise BadRequest("The text holds characters that cannot be stored") from error
            raise

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
        if self._connector is not None:
            await self._connector.close_async()

    def _sessions(self) -> async_sessionmaker[AsyncSession]:
        if self._engine is None:
            connect: dict[str, Any] = (
                {"async_creator": self._connect_to_cloud_sql}
                if self._instance
                else {"connect_args": self._timeouts}
            )
            self._engine = create_async_engine(
                self._url,
                pool_size=POOL_SIZE,
                max_overflow=POOL_SIZE,
                pool_timeout=CONNECT_TIMEOUT_S,
                pool_pre_ping=True,
                **connect,
            )
        return async_sessionmaker(self._engine, expire_on_commit=False)

    async def _connect_to_cloud_sql(self) -> "asyncpg.Connection[Any]":
        from google.cloud.sql.connector import IPTypes, create_async_connector

        if self._connector is None:
            self._connector = await create_async_connector()
        connection: asyncpg.Connection[Any] = await self._connector.connect_async(
            self._instance,
            "asyncpg",
            user=self._user,
            db=self._url.rsplit("/", 1)[1],
            enable_iam_auth=True,
            ip_type=IPTypes.PRIVATE,
            **self._timeouts,
        )
        return connection
