from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from functions.recommendations.deep import Asked
from functions.recommendations.handlers import RecommendationsEvents


class FakeTraining:
    def __init__(self) -> None:
        self.again: list[bool] = []

    async def start(self, *, again: bool = False) -> Asked:
        self.again.append(again)
        return Asked(started=again, reason="" if again else "one was started within the week")


@pytest.mark.parametrize(
    ("query", "again", "answer"),
    [
        (
            "",
            False,
            {"started": False, "execution": "", "reason": "one was started within the week"},
        ),
        ("?again=true", True, {"started": True, "execution": "", "reason": ""}),
    ],
)
def test_the_schedule_asks_for_a_training(query: str, again: bool, answer: Any) -> None:
    training = FakeTraining()
    events = RecommendationsEvents(
        dimensions=cast(Any, _Nothing()),
        nightly=cast(Any, None),
        training=cast(Any, training),
        erasure=cast(Any, _Nothing()),
    )
    found = TestClient(events.app()).post(f"/tasks/train{query}")
    assert found.status_code == 200
    assert found.json() == answer
    assert training.again == [again]


class _Nothing:
    """Handles what is not sent here."""

    async def catalog_changed(self, event: Any) -> None: ...

    async def person_erased(self, event: Any) -> None: ...
