"""Cadenza's own apps. They have no secret, and nobody is asked whether they may."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.tables import App

CLI = "cadenza-cli"
WEB = "cadenza-web"
FIRST_PARTY = frozenset({CLI, WEB})


async def seed(session: AsyncSession, public_url: str) -> None:
    """Makes them, or sets their names and redirect URIs right."""
    apps = {
        CLI: (
            "Cadenza for the command line",
            ["http://127.0.0.1/callback", "http://[::1]/callback"],
        ),
        WEB: ("Cadenza", [f"{public_url}/callback"]),
    }
    for id, (name, redirect_uris) in apps.items():
        values = {
            "name": name,
            "redirect_uris": redirect_uris,
            "confidential": False,
            "first_party": True,
            "development": False,
            # Everybody shares them: people's own limits have to do.
            "quota": -1,
        }
        await session.execute(
            insert(App)
            .values(id=id, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )
