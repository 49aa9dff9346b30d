"""What the runner and its system used: a course for each part, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from chaos_mcp.events import ResourcesMeasured
from chaos_mcp.journal.record import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event, Used
    from chaos_mcp.journal.model import Window

F = TypeVar("F", int, float)


@dataclass(frozen=True, slots=True)
class Course:
    """One part, look after look; None where its figure was unknown."""

    part: str
    """runner, proxy-server, process or container."""
    name: str
    at: tuple[float, ...]
    cores: tuple[float | None, ...]
    """Cores kept busy since the look before."""
    memory: tuple[int | None, ...]
    whys: tuple[str, ...]
    """Why figures were unknown, each reason once."""

    @property
    def label(self) -> str:
        """Return what a person calls it."""
        match self.part:
            case "runner":
                return "the runner"
            case "proxy-server":
                return "its proxy"
            case _:
                return self.name

    @property
    def most_cores(self) -> float | None:
        """Return the most that it kept busy; None if that was never known."""
        return max(known(self.cores), default=None)

    @property
    def most_memory(self) -> int | None:
        """Return the most that it had; None if that was never known."""
        return max(known(self.memory), default=None)

    @property
    def unknown(self) -> int:
        """Return how many looks came back without a figure."""
        pairs = zip(self.cores, self.memory, strict=True)
        return sum(cores is None or memory is None for cores, memory in pairs)

    def mean_cores(self, window: Window | None) -> float | None:
        """Return what it kept busy in a stretch of the run, on average."""
        if window is None:
            return None
        pairs = zip(self.at, self.cores, strict=True)
        found = known(c for at, c in pairs if window.start < at <= window.end)
        return sum(found) / len(found) if found else None


def known(figures: Iterable[F | None]) -> list[F]:
    """Return the figures that are some."""
    return [one for one in figures if one is not None]


@once
def courses(events: Sequence[Event]) -> tuple[Course, ...]:
    """Return a course for each part, in the order in which they were met.

    All have the same moments: where a part was not looked at, its figures are None.
    """
    looks = [event for event in events if isinstance(event, ResourcesMeasured)]
    found: dict[tuple[str, str], list[Used | None]] = {}
    for number, look in enumerate(looks):
        for one in look.used:
            seen = found.setdefault((one.part, one.name), [None] * len(looks))
            seen[number] = one
    at = tuple(look.at for look in looks)
    return tuple(_course(key, at, used) for key, used in found.items())


def _course(
    key: tuple[str, str], at: tuple[float, ...], used: Sequence[Used | None]
) -> Course:
    return Course(
        *key,
        at=at,
        cores=tuple(one.cores if one else None for one in used),
        memory=tuple(one.memory if one else None for one in used),
        whys=tuple(dict.fromkeys(one.why for one in used if one and one.why)),
    )
