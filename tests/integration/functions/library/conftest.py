"""The library on Firestore's emulator; everything else is in memory."""

import secrets
from collections.abc import Callable

import httpx
import pytest

from functions.library.routes import LibraryApi
from shared.firestore import FirestoreDocuments
from shared.web import Api
from tests.unit.functions.library.fakes import (
    URL,
    FakeCatalog,
    FakeRecommendations,
    MemoryCovers,
    RecordingPublisher,
)
from tests.unit.functions.library.harness import CHANGED, HAPPENED, TRACKS, NamedTokens

Instance = Callable[[str], httpx.AsyncClient]


@pytest.fixture
def documents(firestore_emulator: str, project: str) -> FirestoreDocuments:
    return FirestoreDocuments(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
def instance(documents: FirestoreDocuments) -> Instance:
    """Starts an instance of the API, which remembers nothing, for a user's calls."""

    def start(user: str) -> httpx.AsyncClient:
        api = LibraryApi(
            documents=documents,
            catalog=FakeCatalog(tracks=TRACKS),
            recommendations=FakeRecommendations(),
            covers=MemoryCovers(),
            publisher=RecordingPublisher(),
            library_events_topic=HAPPENED,
            playlist_changed_topic=CHANGED,
            public_url=URL,
        )
        transport = httpx.ASGITransport(api.app(Api(NamedTokens())))
        return httpx.AsyncClient(
            transport=transport,
            base_url=URL,
            headers={"Authorization": f"Bearer {user}"},
            timeout=60,
        )

    return start
