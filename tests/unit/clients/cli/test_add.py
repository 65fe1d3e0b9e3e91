from pathlib import Path

import httpx
import pytest

from clients.cli import add, files
from clients.cli.add import Adder, Fate, Outcome
from clients.cli.api import Api, ApiError, Kind, Unreachable
from clients.cli.upload import Uploader
from tests.unit.clients.cli.fakes import FakePlatform, Waits, respond


class Silent:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Outcome] = []

    def moved(self, path: Path, sent: int, size: int) -> None:
        assert 0 <= sent <= size

    def settled(self, outcome: Outcome) -> None:
        self.told.append(outcome)


async def _add(
    platform: FakePlatform,
    folder: Path,
    *,
    timeout_s: float | None = 600,
    waits: Waits | None = None,
    token: str = "good",
) -> dict[str, Outcome]:
    waits = waits or Waits()
    patience = waits.patience(3)
    songs = files.find_songs([folder])
    async with (
        Api("http://api.test", token, patience=patience, transport=platform.transport()) as api,
        platform.storage.client() as storage,
    ):
        uploader = Uploader(storage, patience=patience)
        adder = Adder(api, uploader, Silent(), patience=patience, clock=waits.clock)
        outcomes = await adder.add(songs, timeout_s=timeout_s)
    return {outcome.path.name: outcome for outcome in outcomes}


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def _write(folder: Path, **songs: bytes) -> Path:
    for name, data in songs.items():
        (folder / f"{name}.flac").write_bytes(data)
    return folder


async def test_songs_become_tracks(platform: FakePlatform, tmp_path: Path) -> None:
    platform.polls = 3
    waits = Waits()
    fates = await _add(platform, _write(tmp_path, a=b"one", b=b"two"), waits=waits)
    assert {outcome.fate for outcome in fates.values()} == {Fate.ready}
    assert all(len(outcome.track_id) == 22 for outcome in fates.values())
    assert {bytes(stored) for stored in platform.storage.sessions.values()} == {b"one", b"two"}
    assert waits.seconds == pytest.approx([0.3, 0.45, 0.675])
    assert len({str(post["group"]) for post in platform.posts}) == 1


async def test_a_cover_is_sent_once_and_before_its_songs(
    platform: FakePlatform, tmp_path: Path
) -> None:
    _write(tmp_path, a=b"one", b=b"two")
    (tmp_path / "cover.jpg").write_bytes(b"picture")
    fates = await _add(platform, tmp_path)
    assert [post.get("kind", "audio") for post in platform.posts] == ["image", "audio", "audio"]
    cover_id = next(key for key, one in platform.uploads.items() if one["kind"] == "image")
    assert {post["cover_upload_id"] for post in platform.posts[1:]} == {cover_id}
    assert fates["cover.jpg"].kind is Kind.image


async def test_songs_do_without_a_cover_that_is_refused(
    platform: FakePlatform, tmp_path: Path
) -> None:
    _write(tmp_path, a=b"one")
    (tmp_path / "cover.jpg").write_bytes(b"picture")
    platform.refused["cover.jpg"] = (413, "Invalid size: at most 3 bytes")
    fates = await _add(platform, tmp_path)
    assert fates["cover.jpg"].fate is Fate.failed
    assert fates["a.flac"].fate is Fate.ready
    assert "cover_upload_id" not in platform.posts[-1]


async def test_adding_again_sends_nothing(platform: FakePlatform, tmp_path: Path) -> None:
    _write(tmp_path, a=b"one")
    await _add(platform, tmp_path)
    sent = len(platform.storage.ranges)
    fates = await _add(platform, tmp_path)
    assert fates["a.flac"].fate is Fate.already
    assert fates["a.flac"].track_id
    assert len(platform.storage.ranges) == sent


async def test_the_same_content_is_sent_once(platform: FakePlatform, tmp_path: Path) -> None:
    fates = await _add(platform, _write(tmp_path, a=b"one", b=b"one"))
    assert sorted(outcome.fate for outcome in fates.values()) == [Fate.ready, Fate.same]
    assert len(platform.posts) == 1


async def test_each_file_has_its_own_fate(platform: FakePlatform, tmp_path: Path) -> None:
    _write(tmp_path, good=b"music", noise=b"noise", empty=b"", big=b"big")
    platform.rejected["noise.flac"] = "This is no audio"
    platform.refused["big.flac"] = (413, "Invalid size")
    (tmp_path / "gone.flac").symlink_to(tmp_path / "nowhere")
    fates = await _add(platform, tmp_path)
    assert {name: outcome.fate for name, outcome in fates.items()} == {
        "good.flac": Fate.ready,
        "noise.flac": Fate.rejected,
        "empty.flac": Fate.unreadable,
        "big.flac": Fate.failed,
        "gone.flac": Fate.unreadable,
    }
    assert fates["noise.flac"].detail == "This is no audio"
    assert fates["gone.flac"].detail == "No such file or directory"


async def test_waiting_ends(platform: FakePlatform, tmp_path: Path) -> None:
    platform.polls = 10**6
    waits = Waits()
    fates = await _add(platform, _write(tmp_path, a=b"one"), timeout_s=10, waits=waits)
    assert fates["a.flac"].fate is Fate.processing
    assert sum(waits.seconds) == pytest.approx(10)
    assert max(waits.seconds) <= add.SLOWEST_POLL_S


async def test_waiting_can_be_left_out(platform: FakePlatform, tmp_path: Path) -> None:
    fates = await _add(platform, _write(tmp_path, a=b"one"), timeout_s=None)
    assert fates["a.flac"].fate is Fate.sent
    assert not platform.asked_at_once


async def test_many_are_asked_for_in_hundreds(platform: FakePlatform, tmp_path: Path) -> None:
    _write(tmp_path, **{f"s{number:03}": str(number).encode() for number in range(130)})
    fates = await _add(platform, tmp_path)
    assert len(fates) == 130
    assert platform.asked_at_once == [100, 30]


async def test_a_lost_session_is_replaced(platform: FakePlatform, tmp_path: Path) -> None:
    platform.storage.faults = [respond(410)]
    fates = await _add(platform, _write(tmp_path, a=b"one"))
    assert fates["a.flac"].fate is Fate.ready
    assert len(platform.posts) == 2


async def test_sessions_are_not_replaced_for_ever(platform: FakePlatform, tmp_path: Path) -> None:
    platform.storage.faults = [respond(410)] * 10
    fates = await _add(platform, _write(tmp_path, a=b"one"))
    assert fates["a.flac"].fate is Fate.failed
    assert len(platform.posts) == 3


async def test_a_bad_token_ends_it_all(platform: FakePlatform, tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="expired"):
        await _add(platform, _write(tmp_path, a=b"one", b=b"two"), token="bad")


async def test_a_platform_that_is_away_is_not_waited_for(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    waits = Waits()
    transport = httpx.MockTransport(refuse)
    async with Api("http://a", "t", patience=waits.patience(), transport=transport) as api:
        with pytest.raises(Unreachable):
            await api.uploads(["x"])
    assert not waits.seconds
