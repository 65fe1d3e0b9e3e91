"""What the media job costs beside the programs that it drives.

    python -m tests.bench.media [--runs 3] [--track FILE]

Compares CPU seconds (user and system, with children) of the whole job, from the object in the
bucket to the published event, with bare FFmpeg and Shaka Packager making the same files. Runs
alternate, and the best of each counts: other work on the machine only ever adds.
"""

import argparse
import base64
import contextlib
import datetime
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulators import firestore, pubsub, storage
from emulators.gather import Program
from emulators.processes import free_port
from functions.media import ladder, package, programs, source
from functions.media.model import Kind, Status, Upload, upload_id
from functions.media.store import COLLECTION
from shared.documents import to_document
from tests.running import running

GOAL = 1.15
ROOT = Path(__file__).parents[2]
PROJECT = "demo-cadenza"
BUCKETS = ("uploads", "media", "images")
TOPIC = f"projects/{PROJECT}/topics/media-ready"
KEY = bytes(16)


@dataclass(frozen=True)
class Cost:
    """In seconds."""

    cpu: float
    wall: float


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        track = (arguments.track or _track(folder)).resolve()
        print(f"track: {track.name}, {track.stat().st_size / 1e6:.1f} MB")
        with _cloud(folder) as environ:
            ours, bare = [], []
            for run in range(arguments.runs):
                bare.append(_bare(track, folder / f"bare-{run}"))
                ours.append(_job(track, environ))
                print(f"run {run + 1}: bare {_show(bare[-1])}, job {_show(ours[-1])}")
    ratio = min(cost.cpu for cost in ours) / min(cost.cpu for cost in bare)
    print(f"job / bare = {ratio:.3f} of CPU seconds (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--track", type=Path)
    return parser.parse_args()


def _show(cost: Cost) -> str:
    return f"{cost.cpu:.1f} s CPU in {cost.wall:.1f} s"


def _track(folder: Path) -> Path:
    """A real track if there is one beside the repository, otherwise four minutes of our own."""
    real = ROOT.parent / "shared" / "music" / "the_city_falls.ogg"
    if real.exists():
        return real
    made = folder / "synthesised.ogg"
    sound = (
        "aevalsrc='0.3*sin(2*PI*(220+60*sin(t/3))*t)+0.1*random(0)"
        "|0.3*sin(2*PI*(330+40*sin(t/5))*t)+0.1*random(1)':s=44100:d=240"
    )
    command = [programs.ffmpeg(), "-v", "error", "-f", "lavfi", "-i", sound]
    subprocess.run([*command, "-c:a", "libvorbis", "-b:a", "192k", str(made)], check=True)
    return made


def _bare(track: Path, out: Path) -> Cost:
    """FFmpeg and the packager as one would call them by hand."""
    out.mkdir()
    is_lossless = source.inspect(track).is_lossless
    outputs = [*ladder.streamed(is_lossless), *ladder.VORBIS]
    labels = "".join(f"[{name}]" for name in [*(o.name for o in outputs), "print", "meter"])
    graph = f"[0:a]asplit={len(outputs) + 2}{labels};[meter]ebur128=peak=true,anullsink"
    encode = [programs.ffmpeg(), "-v", "error", "-i", str(track), "-filter_complex", graph]
    encoders = {"aac": "aac", "flac": "flac", "vorbis": "libvorbis"}
    for output in outputs:
        suffix = "ogg" if output.codec == "vorbis" else "mp4"
        encode += ["-map", f"[{output.name}]", "-c:a", encoders[output.codec]]
        encode += ["-b:a", str(output.bitrate)] if output.bitrate else []
        encode += [str(out / f"{output.name}.{suffix}")]
    encode += ["-map", "[print]", "-t", "120", "-f", "chromaprint", str(out / "fingerprint.txt")]

    streams = [
        f"in={name}.mp4,stream=audio,init_segment={name}/init.mp4"
        f",segment_template={name}/$Number%05d$.m4s,playlist_name={name}.m3u8"
        for name in (output.name for output in ladder.streamed(is_lossless))
    ]
    pack = [programs.packager(), *streams, f"--segment_duration={package.SEGMENT_S}"]
    pack += ["--generate_static_live_mpd", "--mpd_output=manifest.mpd"]
    pack += ["--hls_master_playlist_output=master.m3u8", "--enable_raw_key_encryption"]
    pack += [f"--keys=label=:key_id={KEY.hex()}:key={KEY.hex()}", "--protection_scheme=cbcs"]
    pack += ["--clear_lead=0", "--protection_systems=CommonSystem", "--quiet"]
    costs = [_cost(command, out, os.environ) for command in (encode, pack)]
    return Cost(sum(cost.cpu for cost in costs), sum(cost.wall for cost in costs))


def _job(track: Path, environ: Mapping[str, str]) -> Cost:
    """One upload, put where the job finds it, and the job run on it."""
    from google.cloud import firestore as client
    from google.cloud.storage import Client

    data = track.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    identity = upload_id("bench", digest)
    blob = Client(project=PROJECT).bucket("uploads").blob(identity)
    blob.upload_from_string(data)
    now = datetime.datetime.now(datetime.UTC)
    upload = Upload(
        id=identity,
        owner="bench",
        filename=track.name,
        size=len(data),
        sha256=digest,
        kind=Kind.audio,
        status=Status.processing,
        generation=int(blob.generation),
        created_at=now,
        updated_at=now,
    )
    document = client.Client(project=PROJECT).collection(COLLECTION).document(identity)
    document.set(to_document(upload))
    run = {**environ, "UPLOAD_ID": identity, "UPLOAD_GENERATION": str(blob.generation)}
    cost = _cost([sys.executable, "-m", "functions.media.job"], ROOT, run)
    status = document.get().get("status")
    if status != Status.encoded.value:
        raise RuntimeError(f"the upload is {status}, not encoded")
    return cost


def _cost(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Cost:
    began = datetime.datetime.now(datetime.UTC)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=cwd, env=environ, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"{command[0]} failed: {log.read().decode()[-2000:]}")
    wall = (datetime.datetime.now(datetime.UTC) - began).total_seconds()
    return Cost(cpu=used.ru_utime + used.ru_stime, wall=wall)


@contextlib.contextmanager
def _cloud(folder: Path) -> Iterator[dict[str, str]]:
    """The emulators that the job needs, and the environment that leads it there."""
    places = {name: folder / name for name in ("firestore", "pubsub", "storage")}
    for place in places.values():
        place.mkdir()
    port = free_port()
    gcs = storage.command(
        port,
        places["storage"],
        Program(),
        pubsub_address="",
        public_address=f"127.0.0.1:{port}",
    )
    with (
        running(firestore.command(free_port(), places["firestore"], 512)) as documents,
        running(pubsub.command(free_port(), places["pubsub"])) as messages,
        running(gcs) as objects,
    ):
        os.environ |= {
            "FIRESTORE_EMULATOR_HOST": documents,
            "PUBSUB_EMULATOR_HOST": messages,
            "STORAGE_EMULATOR_HOST": f"http://{objects}",
        }
        _make_resources()
        yield {
            **os.environ,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "LOG_LEVEL": "INFO",
            "FIRESTORE_DATABASE": "(default)",
            **{f"{name.upper()}_BUCKET": name for name in BUCKETS},
            "MEDIA_READY_TOPIC": TOPIC,
            "CONTENT_KEY_SECRET": base64.b64encode(bytes(32)).decode(),
            "MAX_DURATION_S": "7200",
        }


def _make_resources() -> None:
    from google.cloud.pubsub_v1 import PublisherClient
    from google.cloud.storage import Client

    client = Client(project=PROJECT)
    for name in BUCKETS:
        client.create_bucket(name)
    with PublisherClient() as publisher:
        publisher.create_topic(name=TOPIC)


if __name__ == "__main__":
    sys.exit(main())
