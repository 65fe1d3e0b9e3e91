"""What the accounts database holds about a person: every row that points at them.

Worked out from the tables themselves, so that a table which is added later is neither left out of
an export nor forgotten by an erasure.
"""

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.tables import metadata

# What stays after an erasure, by table, and why. None of it says who the person was.
KEPT = {
    "users": "the id alone, so that nothing else is ever given it",
    "audit_events": "only grows, and holds ids",
    "payments": "books have to be kept by law; they hold ids",
    "erasures": "says that the person was erased",
    "erasure_confirmations": "says by whom",
}
_SECRET = ("hash", "secret", "salt", "challenge")


async def rows_about(session: AsyncSession, user_id: str) -> dict[str, list[dict[str, Any]]]:
    """By table, without what only serves to check a secret."""
    found = {}
    for table in metadata.sorted_tables:
        about = _about(table, user_id)
        if about is None:
            continue
        columns = [column for column in table.columns if not _is_secret(column)]
        result = await session.execute(select(*columns).where(about))
        found[table.name] = [dict(row) for row in result.mappings()]
    return found


async def forget(session: AsyncSession, user_id: str) -> None:
    """Removes everything that is not kept."""
    for table in reversed(metadata.sorted_tables):
        about = _about(table, user_id)
        if about is not None and table.name not in KEPT:
            await session.execute(delete(table).where(about))


def _about(table: Table, user_id: str) -> ColumnElement[bool] | None:
    """Which rows; None if the table knows nobody."""
    columns = [
        column
        for column in table.columns
        if any(key.target_fullname == "users.id" for key in column.foreign_keys)
    ]
    if table.name == "users":
        columns = [table.c.id]
    if table.name in {"audit_events", "erasure_confirmations"}:
        columns = [table.c[name] for name in ("subject", "user_id") if name in table.c]
    return or_(*(column == user_id for column in columns)) if columns else None


def _is_secret(column: "ColumnElement[Any]") -> bool:
    name = getattr(column, "name", "")
    return isinstance(column.type, LargeBinary) or any(part in name for part in _SECRET)
