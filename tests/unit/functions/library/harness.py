"""The library's API in this process, with everything that it needs in memory."""

import datetime
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.testclient import TestClient

from functions.library.handlers import LibraryEvents
from functions.library.routes import LibraryApi
from shared import ids
from shared.errors import Unauthorized
from shared.events import PlaylistChanged
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.unit.functions.library.fakes import (
    URL,
    FakeCatalog,
    FakeRecommendations,
    MemoryCovers,
    MemoryDocuments,
    RecordingPublisher,
)

HAPPENED = "projects/p/topics/library-events"
CHANGED = "projects/p/topics/playlist-changed"
ERASED_HERE = "projects/p/topics/person-erased-here"
TRACKS = [ids.derive("track", str(at)) for at in range(300)]
ALBUMS = [ids.derive("album", str(at)) for at in range(60)]
UNKNOWN = ids.derive("nothing")
ALL_SCOPES = (
    "playlist-read-private playlist-read-collaborative playlist-modify-private "
    "playlist-modify-public user-library-read user-library-modify user-follow-read "
    "user-follow-modify ugc-image-upload"
)


class NamedTokens(Verifier):
    """A token is the name of its user, and after a slash its scopes instead of all.

    Whose name ends with an exclamation mark filters what is explicit.
    """

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise Unauthorized("Invalid access token")
        name, slash, scopes = token.partition("/")
        roles = frozenset({"operator"} if name == "operator" else ())
        allowed = frozenset((scopes if slash else ALL_SCOPES).split())
        return Caller(
            name.rstrip("!"),
            "app",
            allowed,
            country="SE",
            roles=roles,
            explicit_filter=name.endswith("!"),
        )


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, seconds: int) -> None:
        self.now += datetime.timedelta(seconds=seconds)


@dataclass
class Harness:
    """What the API and the event handlers share."""

    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    catalog: FakeCatalog = field(default_factory=lambda: FakeCatalog(tracks=TRACKS, albums=ALBUMS))
    recommendations: FakeRecommendations = field(default_factory=FakeRecommendations)
    covers: MemoryCovers = field(default_factory=MemoryCovers)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    clock: Clock = field(default_factory=Clock)

    def api(self) -> LibraryApi:
        return LibraryApi(
            documents=self.documents,
            catalog=self.catalog,
            recommendations=self.recommendations,
            covers=self.covers,
            publisher=self.publisher,
            library_events_topic=HAPPENED,
            playlist_changed_topic=CHANGED,
            public_url=URL,
            clock=self.clock,
        )

    def client(self, token: str = "anna") -> TestClient:
        app = self.api().app(Api(NamedTokens()))
        return TestClient(
            app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False
        )

    def events(self) -> LibraryEvents:
        return LibraryEvents(
            documents=self.documents,
            covers=self.covers,
            publisher=self.publisher,
            library_events_topic=HAPPENED,
            playlist_changed_topic=CHANGED,
            person_erased_here_topic=ERASED_HERE,
            clock=self.clock,
        )

    def told(self) -> list[PlaylistChanged]:
        """The playlists' events, in the order in which they were published."""
        return [
            event for _, event, _ in self.publisher.published if isinstance(event, PlaylistChanged)
        ]


class Answer(Protocol):
    """What every HTTP client's answers have."""

    @property
    def status_code(self) -> int: ...

    @property
    def text(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    def json(self) -> Any: ...


def ok(answer: Answer, status: int = 200) -> Any:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: Answer, status: int, message: str = "") -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["status"] == status
    assert message.lower() in error["message"].lower(), error


def uris(ids: list[str]) -> list[str]:
    return [f"spotify:track:{id}" for id in ids]


def new_playlist(client: TestClient, tracks: list[str] | None = None, **details: Any) -> str:
    """Its id."""
    made = ok(client.post("/v1/me/playlists", json={"name": "Mine", **details}), 201)
    for at in range(0, len(tracks or []), 100):
        add(client, made["id"], (tracks or [])[at : at + 100])
    playlist_id: str = made["id"]
    return playlist_id


def add(client: TestClient, playlist_id: str, tracks: list[str], **more: Any) -> str:
    """The snapshot id."""
    body = {"uris": uris(tracks), **more}
    snapshot: str = ok(client.post(f"/v1/playlists/{playlist_id}/items", json=body), 201)[
        "snapshot_id"
    ]
    return snapshot


def items(client: TestClient, playlist_id: str) -> list[str]:
    """All its tracks' ids."""
    found: list[str] = []
    while True:
        query = f"limit=100&offset={len(found)}"
        page = ok(client.get(f"/v1/playlists/{playlist_id}/items?{query}"))
        found += [item["track"]["id"] for item in page["items"]]
        if page["next"] is None:
            return found
