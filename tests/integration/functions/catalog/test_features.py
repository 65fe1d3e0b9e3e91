"""Analyses in the emulator of Cloud Storage."""

import secrets

from google.cloud.storage import Client

from functions.catalog.features import StoredAnalyses
from shared.bucket import Bucket


async def test_an_analysis_is_read(storage_emulator: str, project: str) -> None:
    bucket = f"media-{secrets.token_hex(4)}"
    client = Client(project=project)
    client.create_bucket(bucket)
    client.bucket(bucket).blob("media/track/1/analysis.json").upload_from_string(b'{"beats":[]}')
    analyses = StoredAnalyses(Bucket(project, bucket))
    assert await analyses.analysis("media/track/1") == b'{"beats":[]}'
    assert await analyses.analysis("media/track/2") is None
