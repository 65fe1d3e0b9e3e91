"""People to start with: a listener, an artist and an operator, who sign up as anybody does.

And the one whom the development token is about, who cannot sign in.
"""

import dataclasses
import json
import logging
import sys
from collections.abc import Callable
from html.parser import HTMLParser

import aiohttp

from emulators import issuer
from emulators.processes import Processes
from emulators.state import StateFolder, write_private
from emulators.units import LocalCloud

# A role, and the name of who has it.
PEOPLE = {"listener": "Demo Listener", "artist": "Demo Artist", "operator": "Demo Operator"}

_COUNTRY = "SE"
_EVERYBODYS = "listener"
# What the database's job is declared with is all that giving a role needs.
_JOB = "accounts-migrate"
_PROMOTE = "functions.accounts.people.promote"
_INTRODUCE = "functions.accounts.people.introduce"
_DEVELOPER = "Demo Developer"
_TIMEOUT = aiohttp.ClientTimeout(total=30)

log = logging.getLogger(__name__)


def email_of(role: str) -> str:
    return f"{role}@cadenza.example"


class DemoPeople:
    """`url` is the platform's address. Made once in the life of a state folder."""

    def __init__(
        self,
        cloud: LocalCloud,
        processes: Processes,
        state: StateFolder,
        *,
        url: str,
        say: Callable[[str], None],
    ) -> None:
        self._cloud = cloud
        self._processes = processes
        self._state = state
        self._url = url
        self._say = say

    async def make(self) -> None:
        """Make those who are missing, and say how to sign in."""
        password = self._state.demo_password()
        try:
            for role, name in PEOPLE.items():
                if role not in self._made():
                    await self._sign_up(email_of(role), name, password)
                    await self._promote(email_of(role), role)
                    self._note(role)
            if issuer.USER not in self._made():
                await self._run("introduce", _INTRODUCE, issuer.USER, _DEVELOPER, *issuer.ROLES)
                self._note(issuer.USER)
        except Exception:  # the platform goes on without them
            log.exception("the demo people could not be made")
            log_path = self._state.logs / "runner.log"
            self._say(f"  the demo people could not be made; see {log_path}")
            return
        emails = ", ".join(map(email_of, PEOPLE))
        self._say(f"  sign in at {self._url}/signin as {emails}\n  with the password {password}")

    def _made(self) -> list[str]:
        if not self._state.people.exists():
            return []
        made: list[str] = json.loads(self._state.people.read_text())
        return made

    def _note(self, made: str) -> None:
        write_private(self._state.people, json.dumps([*self._made(), made]))

    async def _sign_up(self, email: str, name: str, password: str) -> None:
        page = f"{self._url}/signup"
        async with aiohttp.ClientSession(timeout=_TIMEOUT, raise_for_status=False) as browser:
            async with browser.get(page) as answer:
                answer.raise_for_status()
                form = hidden_fields(await answer.text())
            form |= {"email": email, "name": name, "password": password, "country": _COUNTRY}
            async with browser.post(page, data=form, allow_redirects=False) as answer:
                # Somebody who was signed up by a run that then was killed is there already.
                if answer.status not in {302, 303, 409}:
                    raise RuntimeError(f"{email}: {answer.status}: {await answer.text()}")

    async def _promote(self, email: str, role: str) -> None:
        if role == _EVERYBODYS:
            return
        await self._run("promote", _PROMOTE, email, role)

    async def _run(self, name: str, module: str, *arguments: str) -> None:
        command = dataclasses.replace(
            self._cloud.job_command(_JOB, {}),
            name=name,
            argv=[sys.executable, "-m", module, *arguments],
        )
        if await self._processes.run(command, within_s=60) != 0:
            raise RuntimeError(f"{arguments}: see {self._processes.log_path(command.name)}")


def hidden_fields(page: str) -> dict[str, str]:
    """What the forms of a page carry along unseen."""
    fields = _HiddenFields()
    fields.feed(page)
    return fields.found


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.found[named.get("name") or ""] = named.get("value") or ""
