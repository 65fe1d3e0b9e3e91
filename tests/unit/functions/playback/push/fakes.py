"""A doorbell that a test rings."""

from collections.abc import Callable
from dataclasses import dataclass, field

from functions.playback.push.doorbell import Bell


@dataclass
class FakeBell:
    ring: Callable[[], None]
    is_active: bool = True

    def close(self) -> None:
        self.is_active = False


@dataclass
class FakeDoorbell:
    """`failures`: so many times it cannot be hung up."""

    bells: list[FakeBell] = field(default_factory=list)
    failures: int = 0

    def hang(self, user: str, ring: Callable[[], None]) -> Bell:
        if self.failures:
            self.failures -= 1
            raise OSError("no network")
        bell = FakeBell(ring)
        self.bells.append(bell)
        ring()
        return bell

    def ring(self) -> None:
        for bell in self.bells:
            if bell.is_active:
                bell.ring()
