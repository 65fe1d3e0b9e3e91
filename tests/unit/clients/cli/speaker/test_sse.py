from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from clients.cli.speaker.sse import Event, Parser, events


def parse(text: str, last_id: str = "") -> list[Event]:
    parser = Parser(id=last_id)
    return [event for line in text.split("\n")[:-1] for event in parser.feed(line)]


def test_an_event() -> None:
    (event,) = parse("id: 7\nevent: state\ndata: {}\n\n")

    assert event == Event("state", "{}", "7")


def test_data_of_several_lines_and_no_space() -> None:
    (event,) = parse("data:one\ndata: two\n\n")

    assert (event.name, event.data) == ("message", "one\ntwo")


def test_an_id_holds_until_the_next() -> None:
    first, second = parse("id: 1\ndata: a\n\ndata: b\n\n")

    assert (first.id, second.id) == ("1", "1")


def test_comments_retries_and_what_is_unknown() -> None:
    (event,) = parse(": hello\nretry: 1000\nretry: soon\nwhat: x\ndata: a\n\n", last_id="9")

    assert (event.id, event.retry_ms) == ("9", 1000)


def test_nothing_without_data_and_nothing_cut_off() -> None:
    assert parse("event: ping\n\ndata: half\n") == []


@given(st.text())
def test_any_text(text: str) -> None:
    parse(text)


async def test_events_of_lines() -> None:
    async def lines() -> AsyncIterator[str]:
        for line in ("data: a", "", "data: b", ""):
            yield line

    assert [event.data async for event in events(lines())] == ["a", "b"]
