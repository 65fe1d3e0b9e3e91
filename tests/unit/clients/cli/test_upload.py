from pathlib import Path

import httpx
import pytest

from clients.cli.files import FileChanged, LocalFile, pin
from clients.cli.upload import BLOCK_BYTES, SessionLost, Uploader, UploadFailed
from tests.unit.clients.cli.fakes import FakeStorage, Waits, drop, keep_and_drop, respond

SIZE = 3 * BLOCK_BYTES + 5


@pytest.fixture
def file(tmp_path: Path) -> LocalFile:
    path = tmp_path / "song.flac"
    path.write_bytes(bytes(index % 251 for index in range(SIZE)))
    return pin(path)


@pytest.fixture
def storage() -> FakeStorage:
    return FakeStorage()


async def _send(
    storage: FakeStorage,
    file: LocalFile,
    *,
    resume: bool = False,
    waits: Waits | None = None,
    moves: list[int] | None = None,
) -> None:
    async with storage.client() as client:
        uploader = Uploader(
            client, patience=(waits or Waits()).patience(3), chunk_bytes=BLOCK_BYTES
        )
        url = "https://storage.test/session/s"
        moved = moves.append if moves is not None else lambda _: None
        await uploader.send(file, url, resume=resume, moved=moved)


async def test_a_file_goes_in_chunks(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    moves: list[int] = []
    await _send(storage, file, moves=moves)
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()
    assert len(storage.ranges) == 4
    assert storage.ranges[-1] == f"bytes {SIZE - 5}-{SIZE - 1}/{SIZE}"
    assert moves == sorted(moves)
    assert moves[-1] == SIZE


async def test_a_dropped_connection_goes_on_where_storage_is(
    storage: FakeStorage, file: LocalFile
) -> None:
    storage.open("s")
    storage.faults = [lambda *_: None, keep_and_drop(BLOCK_BYTES // 2)]
    waits = Waits()
    await _send(storage, file, waits=waits)
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()
    assert storage.ranges[2] == f"bytes */{SIZE}"
    assert storage.ranges[3].startswith(f"bytes {BLOCK_BYTES * 3 // 2}-")
    assert len(waits.seconds) == 1


async def test_a_lost_answer_sends_nothing_twice(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.faults = [keep_and_drop(BLOCK_BYTES)]
    await _send(storage, file)
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()
    assert [one for one in storage.ranges if one.startswith("bytes 0-")] == [
        f"bytes 0-{BLOCK_BYTES - 1}/{SIZE}"
    ]


async def test_a_busy_storage_is_waited_for(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.faults = [respond(503, Retry_After="9"), respond(429)]
    waits = Waits()
    await _send(storage, file, waits=waits)
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()
    assert waits.seconds == [9.4, 0.8]


async def test_trying_again_has_an_end(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.faults = [drop] * 10
    waits = Waits()
    with pytest.raises(UploadFailed, match="connection reset"):
        await _send(storage, file, waits=waits)
    assert len(waits.seconds) == 2


async def test_progress_makes_patience_new(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    # Each chunk fails twice, which three attempts allow; then the question, then the chunk.
    storage.faults = [drop, drop, lambda *_: None, lambda *_: None] * 4
    await _send(storage, file)
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()


async def test_an_earlier_run_is_continued(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.sessions["s"] += file.read(0, 2 * BLOCK_BYTES)
    await _send(storage, file, resume=True)
    assert storage.ranges[0] == f"bytes */{SIZE}"
    assert storage.ranges[1].startswith(f"bytes {2 * BLOCK_BYTES}-")
    assert bytes(storage.sessions["s"]) == file.path.read_bytes()


async def test_a_finished_upload_is_recognised(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.sessions["s"] += file.path.read_bytes()
    await _send(storage, file, resume=True)
    assert storage.ranges == [f"bytes */{SIZE}"]


async def test_a_gone_session_is_told(storage: FakeStorage, file: LocalFile) -> None:
    with pytest.raises(SessionLost):
        await _send(storage, file)


async def test_a_session_closed_too_early_is_told(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.faults = [lambda *_: httpx.Response(200, json={"size": "5"})]
    with pytest.raises(SessionLost, match=f"5 of {SIZE} bytes"):
        await _send(storage, file, resume=True)


async def test_a_refusal_is_not_repeated(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")
    storage.faults = [respond(403)]
    with pytest.raises(UploadFailed, match="403"):
        await _send(storage, file)
    assert len(storage.ranges) == 1


async def test_storage_that_keeps_nothing_is_given_up(
    storage: FakeStorage, file: LocalFile
) -> None:
    storage.open("s")
    storage.faults = [respond(308)] * 20
    with pytest.raises(UploadFailed, match="kept nothing"):
        await _send(storage, file)


async def test_a_file_that_changes_is_not_finished(storage: FakeStorage, file: LocalFile) -> None:
    storage.open("s")

    def change(request: httpx.Request, stored: bytearray) -> None:
        file.path.write_bytes(b"another song")

    storage.faults = [change]
    with pytest.raises(FileChanged):
        await _send(storage, file)
    assert len(storage.sessions["s"]) == BLOCK_BYTES


def test_chunks_are_whole_blocks() -> None:
    with pytest.raises(ValueError, match="multiple"):
        Uploader(httpx.AsyncClient(), chunk_bytes=1000)
