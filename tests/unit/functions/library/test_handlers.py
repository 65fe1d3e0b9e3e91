import base64

import msgspec
import pytest
from starlette.testclient import TestClient

from functions.library.chunks import unpacked
from shared.events import PersonErased, PersonErasedHere, ProfileChanged
from tests.unit.functions.library.harness import (
    ALBUMS,
    ERASED_HERE,
    TRACKS,
    Harness,
    add,
    items,
    new_playlist,
    ok,
    refused,
)
from tests.unit.functions.library.test_playlists import jpeg


@pytest.fixture
def library() -> Harness:
    return Harness()


def deliver(library: Harness, topic: str, event: msgspec.Struct) -> int:
    data = base64.b64encode(msgspec.json.encode(event)).decode()
    client = TestClient(library.events().app(), raise_server_exceptions=False)
    answer = client.post(f"/events/{topic}", json={"message": {"data": data}})
    return answer.status_code


def named(library: Harness, user: str, name: str, changed_at: int = 1) -> int:
    event = ProfileChanged("e", user, name, changed_at)
    return deliver(library, "profile-changed", event)


def erase(library: Harness, user: str) -> int:
    return deliver(library, "person-erased", PersonErased("e", user, "2030-01-01T00:00:00Z"))


def owner_name(library: Harness, playlist_id: str) -> str | None:
    name: str | None = ok(library.client().get(f"/v1/playlists/{playlist_id}"))["owner"][
        "display_name"
    ]
    return name


def test_the_newest_name_holds(library: Harness) -> None:
    playlist_id = new_playlist(library.client())
    assert owner_name(library, playlist_id) is None
    for name, changed_at in (("Anna", 5), ("Ann", 3), ("Anna B.", 9), ("Anna", 5)):
        assert named(library, "anna", name, changed_at) == 204
    assert owner_name(library, playlist_id) == "Anna B."
    mine = ok(library.client().get("/v1/me/playlists"))["items"]
    assert mine[0]["owner"]["display_name"] == "Anna B."


@pytest.mark.parametrize("user", ["", "a/b", ".."])
def test_what_is_no_person_is_refused(library: Harness, user: str) -> None:
    assert named(library, user, "x") == 400
    assert erase(library, user) == 400


def test_a_person_who_leaves_is_forgotten(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    assert named(library, "anna", "Anna Secret") == 204
    ok(anna.put("/v1/me/tracks", json=TRACKS[:3]))
    ok(anna.put("/v1/me/albums", json=ALBUMS[:3]))
    hers = new_playlist(anna, TRACKS[:3])
    ok(anna.put(f"/v1/playlists/{hers}/images", content=base64.b64encode(jpeg())), 202)
    bens = new_playlist(ben, [TRACKS[0]], collaborative=True, public=False)
    ok(anna.put(f"/v1/playlists/{bens}/followers"))
    add(anna, bens, [TRACKS[1]])
    add(ben, bens, [TRACKS[2]])

    for _ in range(2):
        assert erase(library, "anna") == 204
    confirmed = [
        (topic, event.user_id, event.service, id)
        for topic, event, id in library.publisher.published
        if isinstance(event, PersonErasedHere)
    ]
    assert len(confirmed) == 2
    assert confirmed[0] == confirmed[1]
    assert confirmed[0][:3] == (ERASED_HERE, "anna", "library")

    assert library.covers.stored == {}
    refused(ben.get(f"/v1/playlists/{hers}"), 404)
    found = ok(ben.get(f"/v1/playlists/{bens}"))
    assert found["followers"]["total"] == 0
    assert [item["added_by"]["id"] for item in found["tracks"]["items"]] == ["ben", "", "ben"]
    assert items(ben, bens) == [TRACKS[0], TRACKS[1], TRACKS[2]]
    assert library.told()[-1].deleted or library.told()[-1].playlist_id == bens
    for path, stored in library.documents.stored.items():
        assert "Anna Secret" not in str(stored.data)
        if "/chunks/" in path:
            assert all(entry.by != "anna" for entry in unpacked(stored.data["entries"]))
            assert "users/anna/" not in path


def test_who_has_left_leaves_nothing_new(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    bens = new_playlist(ben, collaborative=True, public=False)
    assert erase(library, "anna") == 204
    refused(anna.put("/v1/me/tracks", json=TRACKS[:1]), 403)
    refused(anna.post("/v1/me/playlists", json={"name": "x"}), 403)
    refused(anna.put(f"/v1/playlists/{bens}/followers"), 403)
    refused(
        anna.post(f"/v1/playlists/{bens}/items", json={"uris": [f"spotify:track:{TRACKS[0]}"]}), 403
    )
    assert named(library, "anna", "Late", 2) == 204
    assert not any("Late" in str(each.data) for each in library.documents.stored.values())


def test_snapshots_from_before_somebody_left_still_hold(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    bens = new_playlist(ben, collaborative=True, public=False)
    seen = add(anna, bens, TRACKS[:3])
    assert erase(library, "anna") == 204
    body = {"range_start": 0, "insert_before": 3, "snapshot_id": seen}
    ok(ben.put(f"/v1/playlists/{bens}/items", json=body))
    assert items(ben, bens) == [TRACKS[1], TRACKS[2], TRACKS[0]]


def test_the_tick_answers(library: Harness) -> None:
    client = TestClient(library.events().app())
    assert client.post("/tasks/tick").status_code == 204
