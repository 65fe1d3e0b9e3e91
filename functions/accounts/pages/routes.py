"""All pages, put together."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.pages import assets
from functions.accounts.pages.account import AccountPages
from functions.accounts.pages.apps import AppPages
from functions.accounts.pages.consent import ConsentPages
from functions.accounts.pages.credentials import CredentialPages
from functions.accounts.pages.entry import Entry
from functions.accounts.pages.google import Errands, GooglePages
from functions.accounts.pages.plan import PlanPages
from functions.accounts.pages.ports import (
    Apps,
    Consents,
    Devices,
    FamilyDesks,
    Grants,
    PlanDesks,
    Plans,
    Privacy,
)
from functions.accounts.pages.proof import Proof
from functions.accounts.pages.site import Site
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.credentials import Credentials
from functions.accounts.people.google import GoogleSignIn
from functions.accounts.people.sign_in import SignIn


@dataclass(frozen=True)
class Google:
    """Signing in with Google, and what browsers keep of it meanwhile."""

    sign_in: GoogleSignIn
    errands: Errands


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """What the pages stand on; `site` also makes pages for others (`site.problem`).

    `google` is None where nobody can sign in with Google.
    """

    site: Site
    database: Database
    people: SignIn
    credentials: Credentials
    announcements: Announcements
    attempts: Attempts
    consents: Consents
    devices: Devices
    apps: Apps
    grants: Grants
    plans: Plans
    plan_desks: PlanDesks
    family_desks: FamilyDesks
    privacy: Privacy
    google: Google | None = None


def routes(dependencies: Dependencies) -> list[BaseRoute]:
    site, google = dependencies.site, dependencies.google
    google_origin = google.sign_in.origin if google else ""
    proof = Proof(site, dependencies.people)
    return [
        *Entry(
            site,
            dependencies.people,
            announcements=dependencies.announcements,
            google_origin=google_origin,
        ).routes(),
        *(
            GooglePages(
                site,
                google.sign_in,
                google.errands,
                people=dependencies.people,
                announcements=dependencies.announcements,
                attempts=dependencies.attempts,
            ).routes()
            if google
            else []
        ),
        *ConsentPages(
            site, dependencies.consents, dependencies.devices, dependencies.attempts
        ).routes(),
        *AppPages(site, dependencies.apps).routes(),
        *CredentialPages(
            site,
            dependencies.credentials,
            proof,
            database=dependencies.database,
            announcements=dependencies.announcements,
            google_origin=google_origin,
        ).routes(),
        *PlanPages(
            site, dependencies.plans, dependencies.plan_desks, dependencies.family_desks
        ).routes(),
        *AccountPages(
            site,
            database=dependencies.database,
            proof=proof,
            announcements=dependencies.announcements,
            plans=dependencies.plans,
            grants=dependencies.grants,
            privacy=dependencies.privacy,
            google_origin=google_origin,
        ).routes(),
        assets.route(),
    ]
