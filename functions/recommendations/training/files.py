"""Where trained models and what was measured of them are kept."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from google.cloud.storage import Client

MODEL, CARD, CARD_TEXT = "model.onnx", "card.json", "card.md"
_TYPES = {
    MODEL: "application/octet-stream",
    CARD: "application/json",
    CARD_TEXT: "text/markdown; charset=utf-8",
}
_TIMEOUT_S = 300


class ModelFiles(Protocol):
    """A folder for each version."""

    def write(self, version: str, name: str, content: bytes) -> None:
        """One of `MODEL`, `CARD` and `CARD_TEXT`, in place of an older one."""
        ...

    def path(self, version: str) -> str:
        """As BigQuery imports the version's one model."""
        ...


class StoredFiles:
    """`ModelFiles`, in Cloud Storage."""

    def __init__(self, client: "Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, version: str, name: str, content: bytes) -> None:
        blob = self._client.bucket(self._bucket).blob(f"{_folder(version)}/{name}")
        blob.upload_from_string(content, content_type=_TYPES[name], timeout=_TIMEOUT_S)

    def path(self, version: str) -> str:
        return f"gs://{self._bucket}/{_folder(version)}/*"


def _folder(version: str) -> str:
    return f"models/deep/{version}"
