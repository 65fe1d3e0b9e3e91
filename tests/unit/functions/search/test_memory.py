"""What is remembered, and when it is forgotten."""

from functions.search.memory import Memory


def test_an_answer_is_found_once_until_something_changes() -> None:
    version, found = [0], [0]
    memory: Memory[str, int] = Memory(lambda: version[0], most=2)

    def find() -> int:
        found[0] += 1
        return found[0]

    assert [memory.get("a", find), memory.get("a", find), memory.get("b", find)] == [1, 1, 2]
    version[0] = 1
    assert memory.get("a", find) == 3


def test_the_answer_that_was_asked_for_last_stays() -> None:
    memory: Memory[str, str] = Memory(lambda: 0, most=2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, lambda key=key: key)  # type: ignore[misc]  # lambdas with defaults
    assert memory.get("a", lambda: "again") == "a"
    assert memory.get("b", lambda: "again") == "again"
