"""What a person has left in BigQuery, taken out of it."""

import asyncio
import os
from typing import TYPE_CHECKING, Any

from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

_TIMEOUT_S = 40.0
_RETRY_WITHIN_S = 15.0


class Warehouse:
    """The table of plays, `project.dataset.table`, and beside it `erased`, who is not to be seen.

    The views leave out who is listed there, from that moment on.
    """

    def __init__(self, plays_table: str) -> None:
        self._plays = plays_table
        self._erased = f"{plays_table.rpartition('.')[0]}.erased"
        self._client: Client | None = None

    async def erase(self, user_id: str) -> None:
        """Raises `Unavailable` where rows cannot be deleted yet: the newest, for a while."""
        await asyncio.to_thread(self._erase, user_id)

    def _erase(self, user_id: str) -> None:
        from google.api_core.exceptions import GoogleAPIError
        from google.cloud.bigquery import DEFAULT_RETRY, QueryJobConfig, ScalarQueryParameter

        user = ScalarQueryParameter("user_id", "STRING", user_id)
        config = QueryJobConfig(query_parameters=[user])
        # The event comes again; to wait for ten minutes here would hold its delivery.
        retry = DEFAULT_RETRY.with_timeout(_RETRY_WITHIN_S)
        try:
            for statement in self._statements():
                self._connected().query(
                    statement,
                    job_config=config,
                    retry=retry,
                    job_retry=None,
                    timeout=_TIMEOUT_S,
                ).result(retry=retry, job_retry=None, timeout=_TIMEOUT_S)
        except (GoogleAPIError, OSError, TimeoutError) as error:
            raise Unavailable("BigQuery does not delete now; the event will come again") from error

    def _statements(self) -> list[str]:
        """The names come from our settings, the person as a parameter."""
        return [
            f"INSERT INTO `{self._erased}` (user_id, erased_at) "  # noqa: S608
            f"SELECT @user_id, CURRENT_TIMESTAMP() FROM (SELECT 1) "
            f"WHERE NOT EXISTS (SELECT 1 FROM `{self._erased}` WHERE user_id = @user_id)",
            f"DELETE FROM `{self._plays}` WHERE user_id = @user_id",  # noqa: S608
        ]

    def _connected(self) -> Any:
        if self._client is None:
            from google.auth.credentials import AnonymousCredentials
            from google.cloud.bigquery import Client

            project = self._plays.partition(".")[0]
            # The library finds the emulator by itself, and would still look for credentials.
            emulated = "BIGQUERY_EMULATOR_HOST" in os.environ
            credentials = AnonymousCredentials() if emulated else None  # type: ignore[no-untyped-call]
            self._client = Client(project=project, credentials=credentials)
        return self._client
