"""`embedding.json`: what a track sounds like, for those who compare tracks."""

import msgspec

from functions.media.network.tagger import Impression

VERSION = 2


class Embedding(msgspec.Struct, frozen=True, kw_only=True):
    """`vector`: 64 numbers from the analysis; `network`: none for silence, and where it failed."""

    version: int = VERSION
    vector: list[float]
    network: Impression | None
