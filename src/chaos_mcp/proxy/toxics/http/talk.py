"""What is said on one connection: the requests that have no answer yet, in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from chaos_mcp.proxy.toxics.http.rules import Rule, rule_of

if TYPE_CHECKING:
    from chaos_mcp.proxy.toxics.base import Chunk, Stage
    from chaos_mcp.proxy.toxics.http.answers import Answers
    from chaos_mcp.proxy.toxics.http.heads import Head
    from chaos_mcp.proxy.toxics.http.requests import Requests
    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic


@dataclass(slots=True, eq=False)
class Exchange:
    """A request, and what is to become of its answer."""

    method: str
    rule: Rule | None = None
    """What is done to it; None: nothing."""
    ended: float | None = None
    """When the request was over, on the loop's clock."""
    closes: bool = False
    """Whether the connection ends with an answer of ours."""
    asks: bool = False
    """Whether the answer decides what the connection goes on with."""

    @property
    def ours(self) -> bool:
        """Tell whether the upstream does not get it, and the answer is made here."""
        return self.rule is not None and self.rule.answers


class Talk:
    """Holds both directions of a connection together for one toxic."""

    MOST: ClassVar[int] = 1000
    """Requests that may wait for their answers before no more are read."""

    def __init__(self, toxic: Toxic, place: Place) -> None:
        from chaos_mcp.proxy.toxics.http.answers import (  # noqa: PLC0415 - in a circle
            Answers,
        )
        from chaos_mcp.proxy.toxics.http.requests import (  # noqa: PLC0415 - as well
            Requests,
        )

        self.toxic = toxic
        self.exchanges: deque[Exchange] = deque()
        self.awake = place.fresh
        """Whether it is known where a message begins."""
        self.over = False
        """Whether all that comes from the client passes."""
        self.requests: Requests = Requests(self, toxic, place)
        self.answers: Answers = Answers(self, toxic, place)
        self._torn: bool | None = None

    @staticmethod
    def of(toxic: Toxic, place: Place) -> Talk:
        """Return what the two directions at a place have in common."""
        if toxic not in place.both:
            place.both[toxic] = Talk(toxic, place)
        return cast("Talk", place.both[toxic])

    def side(self, place: Place) -> Stage:
        """Return what works in one direction."""
        side = self.requests if place.stream == "upstream" else self.answers
        side.place = place
        return side

    @property
    def front(self) -> Exchange | None:
        """Return the request whose answer is the next."""
        return self.exchanges[0] if self.exchanges else None

    def count(self, what: str) -> int:
        """Count something that only this toxic counts, and return how often it was."""
        more = self.toxic.effects.more
        more[what] = more.get(what, 0) + 1
        return more[what]

    def rule(self) -> Rule:
        """Return what the attributes of now say."""
        known = self.toxic.shared.get("rule")
        if known is None or known[0] is not self.toxic.attributes:
            known = self.toxic.attributes, rule_of(self.toxic.attributes)
            self.toxic.shared["rule"] = known
        return cast("Rule", known[1])

    def matched(self, head: Head) -> Rule | None:
        """Return the rule if a request is to be harmed, drawn once."""
        self.count("requests")
        rule = self.rule()
        if not rule.is_for(head):
            return None
        if self.count("matched") <= rule.skip_requests:
            return None
        if rule.probability < 1 and self.requests.chance.random() >= rule.probability:
            return None
        return rule

    def did(self, chunk: Chunk = "end", *, dropped: int = 0, closed: int = 0) -> None:
        """Count what is done, on whichever direction."""
        self.requests.acted(chunk, dropped=dropped, closed=closed)

    def tear(self) -> bool:
        """Begin from the beginning; tell whether that leaves a hole in a stream.

        Both directions ask, one after the other, and are told the same.
        """
        if self._torn is not None:
            torn, self._torn = self._torn, None
            return torn
        dropping = self.answers.dropping or self.requests.dropping
        self._torn = dropping or any(one.ours for one in self.exchanges)
        self.exchanges.clear()
        self.awake = self.over = False
        return self._torn
