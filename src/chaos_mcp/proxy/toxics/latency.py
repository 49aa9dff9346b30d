"""Delay every chunk: a link that is far away."""

from collections.abc import Mapping
from typing import Any, ClassVar

from chaos_mcp.proxy.toxics.base import KIBIBYTE, MILLISECOND, Chunk, Stage
from chaos_mcp.proxy.toxics.delays import LAWS, following
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic


class Latency(Stage):
    """Delays by `latency` milliseconds, give or take `jitter`, in order.

    `distribution` is the law of the jitter, `correlation` how alike the delays of
    consecutive chunks are.
    """

    defaults: ClassVar = {"latency": "int64", "jitter": "int64"}
    extras: ClassVar = {"distribution": "string", "correlation": "float64"}
    # A long link holds much: 100 ms of 320 MB/s.
    room: ClassVar = 32 * KIBIBYTE * KIBIBYTE

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._draw: float | None = None
        self._last_draw: float | None = None
        self._last = 0.0

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """See that there is such a distribution, and such a correlation."""
        if attributes.get("distribution", "uniform") not in LAWS:
            msg = f"distribution must be one of {', '.join(LAWS)}"
            raise ValueError(msg)
        if not 0 <= attributes.get("correlation", 0) < 1:
            msg = "correlation must be 0 or more and less than 1"
            raise ValueError(msg)

    def take(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk back, and count it if that is for any time at all."""
        if not isinstance(chunk, str) and (self["latency"] or self["jitter"]):
            self.acted(chunk)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return when the delay of the first chunk is over; an end has none."""
        due = super().ready()
        if not self._waiting or isinstance(self._waiting[0][1], str):
            return max(due, self._last)
        return max(due + max(0.0, self._delay()) * MILLISECOND, self._last)

    def give(self) -> Chunk:
        """Return the first chunk; the next one has a jitter of its own."""
        self._last = self.due()
        chunk = super().give()
        self._last_draw, self._draw = self._draw, None
        return chunk

    def _delay(self) -> float:
        """Return the delay of the first chunk, drawn once."""
        if not self["jitter"]:
            return self["latency"]
        given = self.toxic.attributes
        if self._draw is None:
            alike = given.get("correlation", 0.0)
            self._draw = following(self.chance.random(), self._last_draw, alike)
        law = LAWS[given.get("distribution", "uniform")]
        return law(self._draw, self["latency"], self["jitter"])
