"""Jobs that this front runs itself: started once by their id, told of until they are over."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from emulators.bigquery_ml.errors import Refused

Work = Callable[[], Awaitable[str]]
"""Ends with what was done, "" where the job now is one of BigQuery's emulator."""

_LOCATION = "US"
_MOST_KEPT = 1000

log = logging.getLogger(__name__)


@dataclass
class Job:
    project: str
    id: str
    configuration: dict[str, Any]
    began_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    ended_ms: int = 0
    done: str = ""  # what was done
    error: Refused | None = None
    task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return not self.ended_ms

    @property
    def passed_on(self) -> bool:
        """Whether BigQuery's emulator has it."""
        return not self.running and self.error is None and not self.done

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()

    def reference(self) -> dict[str, str]:
        return {"projectId": self.project, "jobId": self.id, "location": _LOCATION}

    def resource(self) -> dict[str, Any]:
        """As `jobs.get` answers."""
        status: dict[str, Any] = {"state": "RUNNING" if self.running else "DONE"}
        if self.error is not None:
            status |= {"errorResult": self.error.result(), "errors": [self.error.result()]}
        times = {"creationTime": str(self.began_ms), "startTime": str(self.began_ms)}
        if not self.running:
            times["endTime"] = str(self.ended_ms)
        query = {"statementType": self.done} if self.done else {}
        return {
            "kind": "bigquery#job",
            "id": f"{self.project}:{_LOCATION}.{self.id}",
            "jobReference": self.reference(),
            "configuration": {"jobType": "QUERY", **self.configuration},
            "status": status,
            "statistics": {**times, "query": query},
        }

    def results(self, kind: str) -> dict[str, Any]:
        """As `jobs.query` and `jobs.getQueryResults` answer while there are no rows to show."""
        answer: dict[str, Any] = {
            "kind": kind,
            "jobReference": self.reference(),
            "jobComplete": not self.running,
        }
        if not self.running:
            answer |= {"totalBytesProcessed": "0", "cacheHit": False}
        return answer


class Jobs:
    """The newest jobs, by project and id."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[tuple[str, str], Job] = OrderedDict()

    def get(self, project: str, id: str) -> Job | None:
        return self._jobs.get((project, id))

    def start(self, job: Job, work: Work) -> None:
        self._jobs[job.project, job.id] = job
        job.task = asyncio.create_task(self._run(job, work))
        for key, old in list(self._jobs.items())[:-_MOST_KEPT]:
            if not old.running:
                del self._jobs[key]

    async def wait(self, job: Job, at_most_s: float) -> None:
        """Until it is over, or for so long."""
        if job.task is not None:
            await asyncio.wait({job.task}, timeout=at_most_s)

    async def stop(self) -> None:
        """End what runs; what is half trained is forgotten."""
        tasks = [job.task for job in self._jobs.values() if job.task is not None and job.running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, work: Work) -> None:
        try:
            job.done = await work()
        except Refused as refused:
            job.error = refused
        except asyncio.CancelledError:
            job.error = Refused("Job execution was cancelled", "stopped")
        except Exception as error:  # whoever asked is to hear of it
            log.exception("a statement about models failed")
            job.error = Refused(f"{type(error).__name__}: {error}", "invalid")
        finally:
            job.ended_ms = int(time.time() * 1000)
