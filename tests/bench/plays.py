"""Plays a second for each core, beside a bare Pub/Sub publish; and 100,000 of them, counted once.

python -m tests.bench.plays [PLAYS]
"""

import asyncio
import json
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from functions.playback.plays.publish import PlaysTopic, _request
from shared.events import Play
from tests import plays, sounds
from tests.platform import Platform, running
from tests.waiting import until

PLAYS = 100_000
USERS = 8
TRACKS = 12
KILLS = 5
WITHIN_S = 1500.0
ROOT = Path(__file__).parents[2]


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else PLAYS
    folder = Path(tempfile.mkdtemp(prefix="cadenza-bench-"))
    try:
        with running(folder / "state", ["--no-demo"]) as platform:
            _measure(platform, folder, number)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(platform: Platform, folder: Path, number: int) -> None:
    tracks = _tracks(platform, folder)
    users = [str(uuid.uuid4()) for _ in range(USERS)]
    # The first request of a process pays for its imports.
    warm_up = plays.listening(tracks, users=["warm-up"], plays=1000, seed=1)
    plays.send(platform, warm_up)
    made = plays.listening(tracks, users=users, plays=number, seed=2)
    stop = threading.Event()
    killer = threading.Thread(target=_kill_now_and_then, args=(platform, stop))
    used = _cpu_of(platform, "playback-api")
    killer.start()
    sent = plays.send(platform, made)
    cpu = _cpu_of(platform, "playback-api") - used
    print(
        f"{number} plays by {USERS} clients, 10% twice, 5% late; {sent.repeated} twice in a batch"
    )
    print(
        f"  accepted    {sent.accepted / sent.seconds:9,.0f}/s"
        f"   {sent.accepted / cpu:9,.0f}/s for each core of playback-api"
        f"   {cpu / sent.accepted * 1e6:6.1f} µs each"
    )
    bare = asyncio.run(_bare(platform, tracks, number))
    print(f"  bare publish {number / bare.wall:8,.0f}/s   {number / bare.cpu:9,.0f}/s for each core"
          f"   {bare.cpu / number * 1e6:18.1f} µs each")  # fmt: skip
    print(f"  cost        {cpu / sent.accepted / (bare.cpu / number):9.1f} times a bare publish")
    _converge(platform, made, warm_up.counts + made.counts)
    stop.set()
    killer.join()


def _converge(platform: Platform, made: plays.Listening, counts: Counter[str]) -> None:
    number = sum(map(len, made.by_user.values()))
    names = ", ".join(f"'{user}'" for user in made.by_user)
    began = time.monotonic()

    def counted() -> bool:
        try:
            plays.tick(platform)
            return bool(plays.told(platform, made.tracks) == counts)
        except httpx.TransportError:  # it was killed a moment ago
            return False

    def written() -> bool:
        sql = f"SELECT COUNT(*) FROM warehouse.plays_unique WHERE user_id IN ({names})"
        return plays.query(platform, sql) == [[str(number)]]

    _wait(written)
    print(f"  in BigQuery, each once, {time.monotonic() - began:6.1f} s later")
    _wait(counted)
    print(f"  counted, each once,     {time.monotonic() - began:6.1f} s later")
    for user in made.by_user:
        assert plays.recent(platform, user) == made.recent(user)
    print("  recently played: the last 500 of each listener, in order")


def _wait(what: Callable[[], bool]) -> None:
    until(what, within_s=WITHIN_S, every_s=5)


def _tracks(platform: Platform, folder: Path) -> list[str]:
    music = folder / "music"
    music.mkdir()
    paths = [
        sounds.write(music / f"{n}.flac", seconds=1, seed=n, tags={"title": f"{n}", "artist": "A"})
        for n in range(TRACKS)
    ]
    return platform.added(*paths)


def _kill_now_and_then(platform: Platform, stop: threading.Event) -> None:
    for _ in range(KILLS):
        if stop.wait(10):
            return
        plays.kill(platform, "playback-events")


def _cpu_of(platform: Platform, unit: str) -> float:
    """Seconds of a core that a unit has used."""
    process = plays.process_of(platform, unit)
    family = [process, *process.children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:2]) for each in family))


class _Cost(msgspec.Struct):
    wall: float
    cpu: float


async def _bare(platform: Platform, tracks: list[str], number: int) -> _Cost:
    """The same messages by the same call, to a topic with the same schema that nobody reads."""
    import os

    os.environ["PUBSUB_EMULATOR_HOST"] = platform.status["pubsub"]
    name = f"projects/demo-bench/topics/plays-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(_make_topic, platform, name)
    batch = [_event(tracks[0]) for _ in range(500)]
    topic = PlaysTopic(name)
    await topic.publish(batch)
    request = _request(name, batch)
    turns = iter(range(number // 500))
    wall, cpu = time.perf_counter(), time.process_time()

    async def client() -> None:
        for _ in turns:
            await topic._call(request, timeout=30)

    await asyncio.gather(*(client() for _ in range(USERS)))
    return _Cost(time.perf_counter() - wall, time.process_time() - cpu)


def _make_topic(platform: Platform, name: str) -> None:
    import grpc
    from google.pubsub_v1 import PublisherClient, SchemaServiceClient, types
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
    from google.pubsub_v1.services.schema_service.transports import SchemaServiceGrpcTransport

    channel = grpc.insecure_channel(platform.status["pubsub"])
    definition = (ROOT / "shared" / "schemas" / "plays.avsc").read_text()
    schema = SchemaServiceClient(
        transport=SchemaServiceGrpcTransport(channel=channel)
    ).create_schema(
        parent="projects/demo-bench",
        schema=types.Schema(type_=types.Schema.Type.AVRO, definition=definition),
        schema_id=name.rpartition("/")[2],
    )
    settings = types.SchemaSettings(schema=schema.name, encoding=types.Encoding.JSON)
    PublisherClient(transport=PublisherGrpcTransport(channel=channel)).create_topic(
        types.Topic(name=name, schema_settings=settings)
    )


def _event(track_id: str) -> Play:
    values = {field.name: "" for field in msgspec.structs.fields(Play)}
    numbers = {
        field.name: 0 if field.type is int else False
        for field in msgspec.structs.fields(Play)
        if field.type in (int, bool)
    }
    now = int(time.time() * 1e6)
    named = {"play_id": str(uuid.uuid4()), "track_id": track_id, "user_id": str(uuid.uuid4())}
    times = {"started_at": now, "received_at": now}
    return msgspec.json.decode(json.dumps(values | numbers | named | times), type=Play)


if __name__ == "__main__":
    main()
