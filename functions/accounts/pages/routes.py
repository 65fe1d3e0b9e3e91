"""All pages, put together."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.pages import assets
from functions.accounts.pages.account import AccountPages
from functions.accounts.pages.apps import AppPages
from functions.accounts.pages.consent import ConsentPages
from functions.accounts.pages.entry import Entry
from functions.accounts.pages.ports import Apps, Consents, Devices, Grants, Plans, Privacy
from functions.accounts.pages.site import Site
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.sign_in import SignIn


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """What the pages stand on; `site` also makes pages for others (`site.problem`)."""

    site: Site
    database: Database
    people: SignIn
    attempts: Attempts
    consents: Consents
    devices: Devices
    apps: Apps
    grants: Grants
    plans: Plans
    privacy: Privacy


def routes(dependencies: Dependencies) -> list[BaseRoute]:
    site = dependencies.site
    return [
        *Entry(site, dependencies.people).routes(),
        *ConsentPages(
            site, dependencies.consents, dependencies.devices, dependencies.attempts
        ).routes(),
        *AppPages(site, dependencies.apps).routes(),
        *AccountPages(
            site,
            database=dependencies.database,
            people=dependencies.people,
            plans=dependencies.plans,
            grants=dependencies.grants,
            privacy=dependencies.privacy,
        ).routes(),
        assets.route(),
    ]
