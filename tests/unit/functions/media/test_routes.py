from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from functions.media import model
from functions.media.model import Kind, Reason, Status
from functions.media.routes import MAX_IDS, Uploads
from shared import ids
from shared.tokens import Caller
from shared.web import Api
from tests.unit.functions.media.fakes import SHA256, FakeSessions, FakeStore, an_upload

UPLOAD = model.upload_id("anna", SHA256)
BODY: dict[str, Any] = {"filename": "song.flac", "size": 100, "sha256": SHA256}


class FakeVerifier:
    """Takes the token for the caller's name."""

    async def verify(self, token: str) -> Caller:
        return Caller(token, "app", frozenset({"upload-modify", "upload-read"}))


def client_of(store: FakeStore, sessions: FakeSessions | None = None) -> TestClient:
    uploads = Uploads(
        store=store,  # type: ignore[arg-type]  # the same methods, in memory
        sessions=sessions or FakeSessions(),  # type: ignore[arg-type]  # likewise
        max_bytes=1000,
    )
    app = uploads.app(Api(FakeVerifier()))  # type: ignore[arg-type]  # only `verify` is used
    return TestClient(app, headers={"Authorization": "Bearer anna"})


def test_a_new_upload_waits_for_its_bytes() -> None:
    store = FakeStore()

    answer = client_of(store).post("/v1/uploads", json=BODY)

    assert answer.status_code == 201
    assert answer.json()["id"] == UPLOAD
    assert answer.json()["status"] == "pending"
    assert answer.json()["upload_url"] == "https://storage.example/session/1"
    assert store[UPLOAD].owner == "anna"


def test_asking_again_goes_on_with_the_same_session() -> None:
    sessions = FakeSessions()
    client = client_of(FakeStore(), sessions)
    first = client.post("/v1/uploads", json=BODY)

    second = client.post("/v1/uploads", json=BODY)

    assert second.status_code == 200
    assert second.json()["upload_url"] == first.json()["upload_url"]
    assert sessions.opened == 1


def test_a_session_that_died_is_replaced() -> None:
    sessions = FakeSessions()
    client = client_of(FakeStore(), sessions)
    client.post("/v1/uploads", json=BODY)
    sessions.alive = False

    answer = client.post("/v1/uploads", json=BODY)

    assert answer.json()["upload_url"] == "https://storage.example/session/2"


def test_new_details_replace_the_old_ones_while_it_waits() -> None:
    store = FakeStore()
    client = client_of(store)
    client.post("/v1/uploads", json=BODY)

    client.post("/v1/uploads", json={**BODY, "filename": "better name.flac"})

    assert store[UPLOAD].filename == "better name.flac"


@pytest.mark.parametrize("status", [Status.processing, Status.encoded, Status.ready])
def test_what_has_arrived_is_not_asked_for_again(status: Status) -> None:
    store = FakeStore(an_upload(UPLOAD, status=status, generation=1))

    answer = client_of(store).post("/v1/uploads", json=BODY)

    assert answer.status_code == 200
    assert "upload_url" not in answer.json()
    assert store[UPLOAD].status is status


def test_what_was_rejected_may_be_tried_again() -> None:
    rejected = an_upload(UPLOAD, status=Status.rejected, generation=7)
    store = FakeStore(msgspec.structs.replace(rejected, reason=Reason("not_audio", "No audio")))

    answer = client_of(store).post("/v1/uploads", json=BODY)

    assert answer.json()["status"] == "pending"
    assert "reason" not in answer.json()
    assert answer.json()["upload_url"] == "https://storage.example/session/1"
    assert store[UPLOAD].generation == 7


def test_encoding_that_is_over_still_counts_as_processing() -> None:
    store = FakeStore(an_upload(UPLOAD, status=Status.encoded))

    answer = client_of(store).get(f"/v1/uploads/{UPLOAD}").json()

    assert answer["status"] == "processing"
    assert "track_id" not in answer


def test_a_race_for_the_same_upload_is_settled() -> None:
    store = FakeStore(an_upload(UPLOAD))
    store.conflicts = 2
    body = {**BODY, "filename": "other.flac"}

    assert client_of(store).post("/v1/uploads", json=body).status_code == 200

    store.conflicts = 99
    assert client_of(store).post("/v1/uploads", json=BODY).status_code == 503


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"filename": ""}, 400, "filename"),
        ({"filename": "x" * 256}, 400, "filename"),
        ({"sha256": "xyz"}, 400, "sha256"),
        ({"sha256": SHA256.upper()}, 400, "sha256"),
        ({"size": -1}, 400, "size"),
        ({"size": "big"}, 400, "size"),
        ({"size": 1001}, 413, "size"),
        ({"kind": "video"}, 400, "kind"),
        ({"group": "x" * 256}, 400, "group"),
        ({"cover_upload_id": "x"}, 400, "cover_upload_id"),
        ({"cover_upload_id": ids.derive("upload", "nobody's")}, 400, "cover_upload_id"),
    ],
)
def test_refuses_bad_requests(change: dict[str, Any], status: int, named: str) -> None:
    store = FakeStore()

    answer = client_of(store).post("/v1/uploads", json={**BODY, **change})

    assert answer.status_code == status
    assert named in answer.json()["error"]["message"]


def test_a_cover_must_be_an_image_of_ones_own() -> None:
    cover, others, audio = (ids.derive("upload", name) for name in ("cover", "others", "audio"))
    client = client_of(
        FakeStore(
            an_upload(cover, kind=Kind.image),
            an_upload(others, kind=Kind.image, owner="bert"),
            an_upload(audio),
        )
    )

    codes = {
        name: client.post("/v1/uploads", json={**BODY, "cover_upload_id": name}).status_code
        for name in (cover, others, audio)
    }

    assert codes == {cover: 201, others: 400, audio: 400}


def test_others_uploads_are_not_to_be_seen() -> None:
    client = client_of(FakeStore(an_upload(UPLOAD, owner="bert")))

    assert client.get(f"/v1/uploads/{UPLOAD}").status_code == 404
    assert client.get(f"/v1/uploads?ids={UPLOAD}").json() == {"uploads": [None]}


def test_many_come_in_the_order_asked_for() -> None:
    one, two, unknown = (ids.derive("upload", name) for name in ("one", "two", "unknown"))
    client = client_of(FakeStore(an_upload(one), an_upload(two)))

    answer = client.get(f"/v1/uploads?ids={two},{unknown},{one},{two}").json()

    found = [upload and upload["id"] for upload in answer["uploads"]]
    assert found == [two, None, one, two]


@pytest.mark.parametrize("query", ["?ids=", "?ids=x", f"?ids={','.join([UPLOAD] * 101)}"])
def test_refuses_bad_lists(query: str) -> None:
    assert MAX_IDS == 100
    assert client_of(FakeStore()).get(f"/v1/uploads{query}").status_code == 400


def test_refuses_a_malformed_id() -> None:
    assert client_of(FakeStore()).get("/v1/uploads/nonsense").status_code == 400


def test_ones_own_uploads_are_listed_page_by_page() -> None:
    names = sorted(ids.derive("upload", str(number)) for number in range(5))
    store = FakeStore(*(an_upload(name) for name in names), an_upload(UPLOAD, owner="ben"))
    client = client_of(store)
    first = client.get("/v1/uploads?limit=3").json()
    assert [upload["id"] for upload in first["uploads"]] == names[:3]
    second = client.get(f"/v1/uploads?limit=3&after={first['next']}").json()
    assert [upload["id"] for upload in second["uploads"]] == names[3:]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["after=x", "limit=0", "limit=101", "after=../x"])
def test_a_page_that_cannot_be_is_refused(query: str) -> None:
    assert client_of(FakeStore()).get(f"/v1/uploads?{query}").status_code == 400


def test_nothing_is_taken_from_who_was_erased() -> None:
    store, sessions = FakeStore(), FakeSessions()
    store.erased.add("anna")

    answer = client_of(store, sessions).post("/v1/uploads", json=BODY)

    assert answer.status_code == 403
    assert len(store) == 0
    assert sessions.cancelled == [UPLOAD]
