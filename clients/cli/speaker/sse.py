"""Server-sent events, as the HTML standard has browsers read them."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """`id` is the last that was given, by this event or one before it; `retry_ms` likewise."""

    name: str
    data: str
    id: str
    retry_ms: int | None = None


@dataclass
class Parser:
    """Takes lines without their ends, gives events."""

    id: str = ""
    retry_ms: int | None = None
    _name: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, line: str) -> Iterator[Event]:
        """The event that this line completes, if it does."""
        if not line:
            if self._data:
                name = self._name or "message"
                yield Event(name, "\n".join(self._data), self.id, self.retry_ms)
            self._name, self._data = "", []
            return
        if line.startswith(":"):
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self.id = value
            case "retry" if value.isascii() and value.isdecimal():
                self.retry_ms = int(value)
            case _:
                pass


async def events(lines: AsyncIterable[str], last_id: str = "") -> AsyncIterator[Event]:
    """The events in a stream's lines; one that is cut off is none."""
    parser = Parser(id=last_id)
    async for line in lines:
        for event in parser.feed(line):
            yield event
