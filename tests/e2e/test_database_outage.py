"""PostgreSQL away for 20 s under load: tokens go on being verified, and accounts come back."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import psutil
import pytest

from tests import people
from tests.people import App, Browser
from tests.platform import Platform

OUTAGE_S = 20.0
# However it fails, nobody waits longer than this to be told so.
ANSWERED_WITHIN_S = 10.0
RECOVERED_WITHIN_S = 15.0


@dataclass
class Load:
    """One call after another until it is stopped: when, how long, and what came back."""

    call: Callable[[], httpx.Response]
    answers: list[tuple[float, float, httpx.Response]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stopped.is_set():
            began = time.monotonic()
            answer = self.call()
            self.answers.append((began, time.monotonic() - began, answer))
            time.sleep(0.02)

    def statuses(self, since: float, until: float) -> set[int]:
        """Of calls that began and ended between the two."""
        return {
            answer.status_code
            for began, took, answer in self.answers
            if began >= since and began + took <= until
        }

    def slowest(self, since: float, until: float) -> float:
        return max(took for began, took, _ in self.answers if since <= began <= until)


@contextlib.contextmanager
def running(*loads: Load) -> Iterator[None]:
    threads = [threading.Thread(target=load.run, daemon=True) for load in loads]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for load in loads:
            load.stopped.set()
        for thread in threads:
            thread.join(60)


def postgres_of(platform: Platform) -> list[psutil.Process]:
    """The server and its children, one for each connection and some of its own."""
    started = psutil.Process(platform.process.pid).children(recursive=True)
    found = [process for process in started if process.name() == "postgres"]
    assert found
    return found


@contextlib.contextmanager
def stopped(platform: Platform) -> Iterator[None]:
    """A server that hangs, with all its connections: nothing tells its clients that it is away."""
    processes = postgres_of(platform)
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


@dataclass
class Calls:
    """Kinds of calls: those that need the accounts' database, and those that do not."""

    accounts: list[Load]
    others: list[Load]


@pytest.fixture
def calls(platform: Platform, anna: Browser, app: App) -> Iterator[Calls]:
    tokens = people.tokens_of(platform, anna, "user-read-private streaming")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    with contextlib.ExitStack() as stack:

        def client(**options: object) -> httpx.Client:
            opened = httpx.Client(base_url=platform.url, timeout=60, **options)  # type: ignore[arg-type]
            return stack.enter_context(opened)

        def getting(path: str) -> Load:
            opened = client(headers=headers)
            return Load(lambda: opened.get(path))

        asking = client(auth=(app.id, app.secret))
        tokens_load = Load(
            lambda: asking.post("/api/token", data={"grant_type": "client_credentials"})
        )
        signed_in = client(cookies=anna.client.cookies)
        page_load = Load(lambda: signed_in.get("/account"))
        yield Calls(
            accounts=[getting("/v1/me"), tokens_load, page_load],
            others=[
                getting(f"/v1/tracks/{'0' * 22}"),
                getting(f"/v1/tracks/{'0' * 22}/stream"),
                getting("/.well-known/jwks.json"),
                getting("/.well-known/oauth-authorization-server"),
            ],
        )


def wait_until(condition: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def test_a_database_that_hangs(platform: Platform, calls: Calls) -> None:
    with running(*calls.accounts, *calls.others):
        time.sleep(2)
        began = time.monotonic()
        with stopped(platform):
            time.sleep(OUTAGE_S)
            ended = time.monotonic()

        recovered = wait_until(
            lambda: all(load.answers[-1][2].status_code == 200 for load in calls.accounts),
            RECOVERED_WITHIN_S,
        )
        settled = time.monotonic()
        time.sleep(3)
        done = time.monotonic()

    for load in calls.others:
        assert load.statuses(began, ended) <= {200, 404}
        assert load.slowest(began, ended) < 2
        assert load.statuses(0, done) <= {200, 404}
    for load in calls.accounts:
        assert load.statuses(0, began) == {200}
        assert load.statuses(began + 0.5, ended) == {503}
        assert load.slowest(began, ended) < ANSWERED_WITHIN_S
        refused = [answer for _, _, answer in load.answers if answer.status_code != 200]
        assert {answer.status_code for answer in refused} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        assert not any("Traceback" in answer.text for answer in refused)
    assert recovered, [load.answers[-1][2].text for load in calls.accounts]
    for load in calls.accounts:
        assert load.statuses(settled, done) == {200}


def test_a_database_whose_connections_break(platform: Platform, calls: Calls) -> None:
    """As when it is restarted or fails over: the pool's connections are all dead at once."""
    with running(*calls.accounts, *calls.others):
        time.sleep(1)
        connections = [
            process
            for process in postgres_of(platform)
            if "127.0.0.1(" in " ".join(process.cmdline())
        ]
        assert connections
        for process in connections:
            process.send_signal(signal.SIGTERM)
        broken = time.monotonic()
        recovered = wait_until(
            lambda: all(
                load.answers[-1][0] > broken and load.answers[-1][2].status_code == 200
                for load in calls.accounts
            ),
            RECOVERED_WITHIN_S,
        )

    assert recovered
    for load in (*calls.accounts, *calls.others):
        assert load.statuses(0, time.monotonic()) <= {200, 404, 503}
