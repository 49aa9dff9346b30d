"""What toxics do to datagrams: each is let go at a time, or twice, or never.

Whom a toxic meets is drawn once a session, as it is once a connection of a stream. What
happens to a datagram then is drawn for each, from the session's seed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, NEVER, Stage
from chaos_mcp.proxy.toxics.delays import LAWS, following
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic

KILOBYTE = 1000
Sent = Iterator[tuple[float, bytes]]
"""Datagrams and when each may go on; one that never may is lost."""


class Work(Stage):
    """A toxic at work on one direction of a session; this one lets everything pass."""

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield what becomes of a datagram that came at a time."""
        yield at, data

    def drops(self, data: bytes) -> None:
        """Count a datagram as lost by this toxic."""
        self.acted(memoryview(data), dropped=len(data))

    def chances(self, name: str) -> bool:
        """Draw whether something happens whose probability is an attribute."""
        return self.chance.random() < float(self.toxic.attributes[name])


class Latency(Work):
    """Delays by `latency` milliseconds, give or take `jitter`; none overtakes."""

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._draw: float | None = None
        self._last = 0.0

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram, later."""
        due = max(at + max(0.0, self._delay()) * MILLISECOND, self._last)
        self._last = due
        if due > at:
            self.acted(memoryview(data))
            self.toxic.effects.delayed_seconds += due - at
        yield due, data

    def _delay(self) -> float:
        given = self.toxic.attributes
        if not self["jitter"]:
            return self["latency"]
        alike = given.get("correlation", 0.0)
        self._draw = following(self.chance.random(), self._draw, alike)
        law = LAWS[given.get("distribution", "uniform")]
        return law(self._draw, self["latency"], self["jitter"])


class Bandwidth(Work):
    """Lets `rate` KB/s through; if it is `shared`, all sessions have that together."""

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._own = [0.0]
        self._key = f"{place.stream}/datagrams"

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram once the line is free and has carried it."""
        self.acted(memoryview(data))
        if not self["rate"]:
            yield NEVER, data
            return
        shared = self.toxic.attributes.get("shared")
        line = self.toxic.shared.setdefault(self._key, [0.0]) if shared else self._own
        line[0] = max(at, line[0]) + len(data) / (self["rate"] * KILOBYTE)
        self.toxic.effects.delayed_seconds += line[0] - at
        yield line[0], data


class LimitData(Work):
    """Lets `bytes` bytes of each session through; a datagram that is too long is lost.

    So is all that comes after it.
    """

    _passed = 0

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield what still fits."""
        self._passed += len(data)
        if self._passed > self["bytes"]:
            self.drops(data)
            return
        yield at, data


class Timeout(Work):
    """Swallows everything: a black hole. There is nothing that could be closed."""

    def sends(self, _: float, data: bytes) -> Sent:
        """Yield nothing."""
        self.drops(data)
        yield from ()


class Loss(Work):
    """Loses each datagram with a chance of `loss`; nobody sends it again."""

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram, or not."""
        if self.chances("loss"):
            self.drops(data)
            return
        yield at, data


class _Likely(Work):
    """A toxic of datagrams alone, which does something with a `probability`."""

    defaults: ClassVar[Mapping[str, str]] = {"probability": "float64"}

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """See that the probability is one."""
        if not 0 <= attributes["probability"] <= 1:
            msg = "probability must be from 0 to 1"
            raise ValueError(msg)


class Duplicate(_Likely):
    """Sends a datagram twice, with a `probability`."""

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram once or twice."""
        yield at, data
        if self.chances("probability"):
            self.acted(memoryview(data))
            yield at, data


class Reorder(_Likely):
    """Holds a datagram back for `delay` milliseconds: later ones overtake it."""

    defaults: ClassVar[Mapping[str, str]] = {
        "probability": "float64",
        "delay": "int64",
    }

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram in time or late."""
        late = self["delay"] * MILLISECOND if self.chances("probability") else 0.0
        if late:
            self.acted(memoryview(data))
            self.toxic.effects.delayed_seconds += late
        yield at + late, data


class Corrupt(_Likely):
    """Turns one bit of a datagram over, with a `probability`."""

    def sends(self, at: float, data: bytes) -> Sent:
        """Yield the datagram, as it is or with a wrong bit."""
        if data and self.chances("probability"):
            self.acted(memoryview(data))
            bit = self.chance.randrange(8 * len(data))
            wrong = bytearray(data)
            wrong[bit // 8] ^= 1 << bit % 8
            data = bytes(wrong)
        yield at, data


ALONE: Mapping[str, type[_Likely]] = {
    "corrupt": Corrupt,
    "duplicate": Duplicate,
    "reorder": Reorder,
}
"""What streams cannot have."""
DATAGRAMS: Mapping[str, type[Work]] = {
    "bandwidth": Bandwidth,
    "latency": Latency,
    "limit_data": LimitData,
    "loss": Loss,
    "noop": Work,
    "timeout": Timeout,
    **ALONE,
}
