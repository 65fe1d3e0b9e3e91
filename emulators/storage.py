"""fake-gcs-server in Cloud Storage's place, and the declared buckets made on it."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pulumi

from emulators import tools
from emulators.gather import Program
from emulators.processes import Command, base_environment

NAME = "storage"

BUCKET = "gcp:storage/bucket:Bucket"
BUCKET_OBJECT = "gcp:storage/bucketObject:BucketObject"
NOTIFICATION = "gcp:storage/notification:Notification"


class TooManyNotifications(Exception):
    """fake-gcs-server can send the events of one bucket to one topic, and no more."""


def command(
    port: int, folder: Path, program: Program, *, pubsub_address: str, public_address: str
) -> Command:
    """`public_address` (host:port) is where clients reach it."""
    return Command(
        name=NAME,
        argv=[
            str(tools.fake_gcs_server()),
            "-scheme=http",
            "-host=127.0.0.1",
            f"-port={port}",
            "-backend=filesystem",
            f"-filesystem-root={folder}",
            f"-public-host={public_address}",
            f"-external-url=http://{public_address}",
            "-log-level=warn",
            *_events(program),
        ],
        env={**base_environment(), "PUBSUB_EMULATOR_HOST": pubsub_address},
        cwd=folder,
        port=port,
    )


async def make_buckets(port: int, program: Program) -> None:
    """Make every declared bucket that an earlier run has not left behind."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for bucket in program.all(BUCKET):
            body = {"name": bucket.outputs["name"]}
            async with session.post("/storage/v1/b", json=body) as answer:
                if answer.status != 409:
                    answer.raise_for_status()


async def put_objects(port: int, program: Program) -> None:
    """Put every declared object there that is a file or a text; archives are run, not served."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        await asyncio.gather(
            *(
                _put(session, declared.inputs, source)
                for declared in program.all(BUCKET_OBJECT)
                if isinstance(
                    source := declared.inputs.get("source"), pulumi.FileAsset | pulumi.StringAsset
                )
            )
        )


async def _put(
    session: aiohttp.ClientSession,
    inputs: Mapping[str, Any],
    source: pulumi.FileAsset | pulumi.StringAsset,
) -> None:
    content = (
        Path(str(source.path)).read_bytes()
        if isinstance(source, pulumi.FileAsset)
        else source.text.encode()
    )
    described = {
        "name": inputs["name"],
        "contentType": inputs.get("contentType", "application/octet-stream"),
        "cacheControl": inputs.get("cacheControl", ""),
    }
    with aiohttp.MultipartWriter("related") as body:
        body.append(json.dumps(described), {"Content-Type": "application/json"})
        body.append(content, {"Content-Type": described["contentType"]})
        address = f"/upload/storage/v1/b/{inputs['bucket']}/o?uploadType=multipart"
        async with session.post(address, data=body) as answer:
            answer.raise_for_status()


def _events(program: Program) -> list[str]:
    declared = program.all(NOTIFICATION)
    if not declared:
        return []
    if len(declared) > 1:
        raise TooManyNotifications("fake-gcs-server can notify of one bucket only")
    # A topic is named here as Cloud Storage wants it: //pubsub.googleapis.com/projects/P/topics/T
    project, topic = declared[0].inputs["topic"].split("/projects/", 1)[-1].split("/topics/", 1)
    project = project.removeprefix("projects/")
    return [
        f"-event.bucket={declared[0].inputs['bucket']}",
        f"-event.pubsub-project-id={project}",
        f"-event.pubsub-topic={topic}",
        "-event.list=finalize",
    ]
