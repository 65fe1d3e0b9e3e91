"""Imported models' files in Cloud Storage."""

from urllib.parse import quote

import aiohttp

from emulators.bigquery_ml import imported
from emulators.bigquery_ml.errors import Refused

_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=5)


class Objects:
    """Cloud Storage's JSON interface at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def read_model(self, bucket: str, prefix: str) -> bytes:
        """The one model below the prefix; raises `Refused`."""
        objects = f"{self._url}/storage/v1/b/{quote(bucket, safe='')}/o"
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            try:
                async with session.get(objects, params={"prefix": prefix}) as answer:
                    if answer.status == 404:
                        raise Refused(f"Not found: Bucket {bucket}", "notFound")
                    answer.raise_for_status()
                    listed = (await answer.json()).get("items", [])
                name = imported.only_model(listed, f"gs://{bucket}/{prefix}")
                media = f"{objects}/{quote(name, safe='')}?alt=media"
                async with session.get(media) as answer:
                    answer.raise_for_status()
                    return await answer.read()
            except (TimeoutError, aiohttp.ClientError) as error:
                raise Refused("Cloud Storage does not answer", "backendError") from error
