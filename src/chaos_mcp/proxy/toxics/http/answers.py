"""From the upstream: which answer is whose, and what becomes of it."""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.proxy.toxics.http.heads import (
    STATUS,
    STATUS_BEGUN,
    SWITCHING,
    Framing,
    Head,
    Strange,
    of_answer,
)
from chaos_mcp.proxy.toxics.http.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.proxy.toxics.base import Chunk
    from chaos_mcp.proxy.toxics.http.rules import Rule
    from chaos_mcp.proxy.toxics.http.talk import Exchange, Talk
    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic

FINAL = 200


class Answers(Side):
    """Passes answers on, changed or not, and those that are made here between them."""

    patterns: ClassVar = (STATUS, STATUS_BEGUN)

    def __init__(self, talk: Talk, toxic: Toxic, place: Place) -> None:
        super().__init__(talk, toxic, place)
        self.dropping = False
        """Whether the body is left out that comes now."""
        self._passes = False
        self._interim = False
        self._left: int | None = None
        """Bytes of the body that are let through before the close."""
        self._until = 0
        """Bytes of the body up to the next that is to be corrupted."""
        self._ending: Chunk | None = None

    @property
    def full(self) -> bool:
        """Tell whether no more answers are read for now."""
        return super().full or len(self.wire) >= self.room

    def take(self, at: float, chunk: Chunk) -> None:
        """Be given what the upstream sends."""
        if isinstance(chunk, str):
            self._hear(at, chunk)
        elif self._ended:
            return
        elif self._passes or not self.talk.awake:
            self.wait(at, chunk)
        else:
            self.wire.feed(chunk)
            self.go_on(at)

    def leave(self, now: float) -> Iterator[Chunk]:
        """Let go, and know nothing more."""
        yield from super().leave(now)
        self.dropping = self._passes = self._interim = False
        self._left = None

    def _given(self, due: float) -> Chunk:
        """Return what is due; there may be room for requests again."""
        was_full = self.held >= self.room
        chunk = super()._given(due)
        if was_full:
            self.talk.requests.place.wake()
        return chunk

    def _hear(self, at: float, ending: Chunk) -> None:
        """Let the end come in its turn, after the answers that are made here."""
        if ending != "end":
            self._end(at, ending)
            return
        if self.wire.until_end:
            self._finish(at)
        self._ending = ending
        self.go_on(at)

    def go_on(self, at: float) -> None:
        """Go on with the answers for as long as there is something to go on with."""
        try:
            while not (self._ended or self._passes) and self._step(at):
                pass
        except Strange:
            self._give_up(at)
        front = self.talk.front
        if self._ending and not (front and front.ours):
            self.put(at, self.wire.rest())
            self._end(at, self._ending)

    def _step(self, at: float) -> bool:
        """Do one thing; tell whether there may be another."""
        front = self.talk.front
        if front is not None and front.ours:
            return self._answer(at, front)
        if front is None and self.talk.over:
            self.pass_all(at)
            return False
        piece = self.wire.next()
        if piece is None:
            return False
        if front is None:
            self._unasked(piece[1])
        else:
            self._piece(at, front, *piece)
        return True

    def _unasked(self, what: Head | bytes) -> None:
        """Put back what no request is for: it passes as it came."""
        rest = self.wire.rest()
        self.wire.feed(what.raw if isinstance(what, Head) else what)
        self.wire.feed(rest)
        raise Strange

    def pass_all(self, at: float) -> None:
        """Look at nothing more."""
        self._passes = True
        self.put(at, self.wire.rest())

    def _give_up(self, at: float) -> None:
        """Let all pass that cannot be understood, and close if an answer is owed."""
        owed = any(one.ours for one in self.talk.exchanges)
        self.talk.exchanges.clear()
        self.pass_all(at)
        if owed:
            self.close(at)
        self.talk.requests.pass_all(at)
        self.talk.requests.place.wake()

    def _answer(self, at: float, exchange: Exchange) -> bool:
        """Give an answer that is made here, if its request is over."""
        rule = exchange.rule
        if rule is None or exchange.ended is None:
            return False
        self._next()
        hold = rule.seconds(self.chance.random)
        made = rule.made(exchange.method, closes=exchange.closes)
        self.put(max(at, exchange.ended), made, hold)
        if exchange.closes:
            self.close(at)
        return True

    def _piece(
        self, at: float, exchange: Exchange, sort: str, what: Head | bytes
    ) -> None:
        if isinstance(what, Head):
            self._begin(at, exchange, what)
        elif sort == "end":
            self._finish(at)
        elif self.dropping:
            self.talk.did(dropped=len(what))
        elif sort == "data" and exchange.rule and not self._interim:
            self._body(at, exchange.rule, what)
        else:
            self.put(at, what)

    def _begin(self, at: float, exchange: Exchange, head: Head) -> None:
        status = int(head.words[1])
        try:
            framing = of_answer(head, exchange.method)
        except Strange:
            self.put(at, head.raw)
            raise
        if framing == Framing.TUNNEL:
            self._tunnel(at, head)
            return
        self.wire.body(framing)
        self._interim = status < FINAL and status != SWITCHING
        if self._interim or exchange.rule is None:
            self.put(at, head.raw)
        else:
            self._harm(at, exchange, exchange.rule, head)

    def _tunnel(self, at: float, head: Head) -> None:
        """Pass all from now on, both ways: what was asked for was granted."""
        self.talk.exchanges.clear()
        self.talk.over = True
        self.put(at, head.raw)
        self.pass_all(at)
        requests = self.talk.requests
        requests.put(at, requests.wire.rest())
        requests.place.wake()

    def _harm(self, at: float, exchange: Exchange, rule: Rule, head: Head) -> None:
        """Let the head of a final answer go on as the rule has it."""
        hold = rule.seconds(self.chance.random) if rule.after else 0.0
        made = head.raw
        if rule.status:
            made = rule.made(exchange.method, closes=False)
        elif rule.changes:
            made = rule.changed(head, exchange.method)
        if hold or made != head.raw:
            self.talk.did(memoryview(head.raw))
        self.put(at, made, hold)
        self.dropping = rule.replaces_body(int(head.words[1]))
        self._left = rule.truncate
        self._until = self._gap(rule)

    def _body(self, at: float, rule: Rule, data: bytes) -> None:
        if rule.corrupt:
            data = self._corrupted(rule, data)
        if self._left is None:
            self.put(at, data)
            return
        fits, self._left = data[: self._left], max(0, self._left - len(data))
        self.put(at, fits)
        if len(fits) < len(data):
            lost = len(data) - len(fits)
            self.talk.did(memoryview(data), dropped=lost, closed=1)
            self.close(at)

    def _corrupted(self, rule: Rule, data: bytes) -> bytes:
        """Return data with some bytes turned over, a share of them all."""
        if self._until >= len(data):
            self._until -= len(data)
            return data
        spoilt = bytearray(data)
        while self._until < len(spoilt):
            spoilt[self._until] ^= 0xFF
            self._until += 1 + self._gap(rule)
        self._until -= len(spoilt)
        self.talk.did(memoryview(data))
        return bytes(spoilt)

    def _gap(self, rule: Rule) -> int:
        """Return how many bytes are spared before the next that is not."""
        if not 0 < rule.corrupt < 1:
            return 0
        return int(log1p(-self.chance.random()) / log1p(-rule.corrupt))

    def _finish(self, at: float) -> None:
        """Be done with an answer, or with one that only was on its way."""
        self.dropping = False
        if self._interim:
            self._interim = False
            return
        self._left = None
        if self._next().asks:
            self.talk.requests.go_on(at)
            self.talk.requests.place.wake()

    def _next(self) -> Exchange:
        """Go over to the next request; there may be room for more of them."""
        exchanges = self.talk.exchanges
        if len(exchanges) >= self.talk.MOST:
            self.talk.requests.place.wake()
        return exchanges.popleft()
