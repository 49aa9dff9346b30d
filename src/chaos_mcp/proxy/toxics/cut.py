"""Cut a connection at a time, whether data flows or not: a cable that is pulled."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place, Timer
from chaos_mcp.proxy.toxics.toxic import Toxic

SINCE = ("toxic", "connection")
HOW = ("close", "reset")


class Cut(Stage):
    """Ends the connection `after` milliseconds; until then it does nothing.

    They count from when connection and toxic were both there or, with `since` being
    `connection`, from when the connection was accepted. `by` is `close`, or `reset`
    for a TCP RST. What the connection still holds at that time is lost.
    """

    defaults: ClassVar = {"after": "int64", "by": "string", "since": "string"}
    initial: ClassVar = {"by": HOW[0], "since": SINCE[0]}

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._timer: Timer | None = None

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """See that it is said how, and since when, in words that there are."""
        for name, words in (("by", HOW), ("since", SINCE)):
            if attributes[name] not in words:
                msg = f"{name} must be one of {', '.join(words)}"
                raise ValueError(msg)

    def begin(self, now: float) -> None:
        """Set the time for the cut."""
        super().begin(now)
        self.stop()
        young = self.toxic.attributes["since"] == "toxic"
        start = now if young else self._place.began
        due = max(now, start + self["after"] * MILLISECOND)
        # A timer, not a chunk: it must come even if the target takes nothing.
        self._timer = self._place.later(due, self._cut)

    def _cut(self) -> None:
        self.acted(closed=1)
        self._place.end(reset=self.toxic.attributes["by"] == "reset")

    def leave(self, now: float) -> Iterator[Chunk]:
        """Let the connection live."""
        self.stop()
        return super().leave(now)

    def stop(self) -> None:
        """Have nothing more to wait for."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
