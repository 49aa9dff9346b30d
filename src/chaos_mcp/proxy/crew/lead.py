"""A proxy as the parent has it: what it is to be, and what workers tell of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.crew.listeners import Held
from chaos_mcp.proxy.proxy import Proxy
from chaos_mcp.proxy.records import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chaos_mcp.proxy.toxics.toxic import Toxic

_SERIALS = count(1)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a connection, as a worker tells it."""

    number: int
    told: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as the API gives it."""
        return self.told


class Lead(Proxy):
    """Has no connections itself; what it counts is the sum of what workers count."""

    def __init__(self, name: str, listen: str, upstream: str, seed: int) -> None:
        super().__init__(name, listen, upstream, seed)
        self.serial = next(_SERIALS)
        self.changed: Callable[[], object] = bool
        """Called when it has changed by itself: a toxic's time was over."""
        self._marks: dict[Toxic, list[int]] = {}
        """For each toxic a number of its own, and how often it was updated."""
        self._reports: list[dict[str, Any]] = []

    def _listening(self) -> Held:
        return Held(self.listen, self._accepted)

    def remove(self, *names: str) -> None:
        """Remove toxics, and have that be known."""
        super().remove(*names)
        self.changed()

    def updated(self, toxic: Toxic) -> None:
        """Remember that a toxic begins anew."""
        self._mark(toxic)[1] += 1

    def _mark(self, toxic: Toxic) -> list[int]:
        if toxic not in self._marks:
            self._marks[toxic] = [next(_SERIALS), 0]
        return self._marks[toxic]

    def described(self) -> dict[str, Any]:
        """Return what it is to be at each worker."""
        self._marks = {one: self._mark(one) for one in self.toxics.values()}
        return {
            "serial": self.serial,
            "name": self.name,
            "listen": self.listen if self.enabled else None,
            "upstream": self.upstream,
            "toxics": [self._described(one) for one in self.toxics.values()],
        }

    def _described(self, toxic: Toxic) -> dict[str, Any]:
        return {
            "mark": list(self._mark(toxic)),
            "made": [toxic.name, toxic.type, toxic.stream],
            "toxicity": toxic.toxicity,
            "attributes": toxic.attributes,
            "skips": asdict(toxic.skips),
            "added": toxic.when_added,
        }

    def told(self, reports: Sequence[dict[str, Any]]) -> None:
        """Have what each worker tells of its part."""
        self._reports = list(reports)
        self.traffic.accepted = sum(one["accepted"] for one in reports)

    def open_numbers(self) -> list[int]:
        """Return the numbers of the connections that are open."""
        return [number for one in self._reports for number in one["open"]]

    def bytes(self, which: str, stream: str) -> int:
        """Return bytes `received` or `sent` in a stream."""
        return sum(one[which][stream] for one in self._reports)

    def effects(self, toxic: Toxic) -> dict[str, float]:
        """Return what a toxic has done everywhere."""
        mark, whole = str(self._mark(toxic)[0]), toxic.effects.as_json()
        for one in self._reports:
            for key, value in one["effects"].get(mark, {}).items():
                whole[key] = round(whole.get(key, 0) + value, 6)
        return whole

    def records(self) -> list[Told]:  # type: ignore[override]
        """Return what became of the latest connections, by their numbers."""
        known = [record for one in self._reports for record in one["records"]]
        ordered = sorted(known, key=lambda one: int(one["number"]))[-KEPT:]
        return [Told(one["number"], one) for one in ordered]
