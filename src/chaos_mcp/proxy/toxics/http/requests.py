"""From the client: which requests there are, and which of them the upstream gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.proxy.toxics.base import NEVER
from chaos_mcp.proxy.toxics.http.heads import (
    REQUEST,
    REQUEST_BEGUN,
    Head,
    Strange,
    of_request,
)
from chaos_mcp.proxy.toxics.http.side import Side
from chaos_mcp.proxy.toxics.http.talk import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.proxy.toxics.base import Chunk

_LIKELY = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT) "
    rb"[\x21-\xff]+ HTTP/1\.[01]\r\n"
)
"""How a request begins, on a connection of which the beginning was not seen."""


class Requests(Side):
    """Passes requests on, late or not at all, as the rule says."""

    patterns: ClassVar = (REQUEST, REQUEST_BEGUN)
    dropping = False
    """Whether what comes now is kept from the upstream."""
    _start = NEVER

    def begin(self, now: float) -> None:
        """Remember when it first was on the connection."""
        super().begin(now)
        self._start = min(self._start, now)

    def leave(self, now: float) -> Iterator[Chunk]:
        """Let go, and know nothing more."""
        yield from super().leave(now)
        self.dropping = False

    @property
    def full(self) -> bool:
        """Tell whether no more requests are read for now."""
        talk = self.talk
        return (
            super().full
            or len(self.wire) >= self.room
            or len(talk.exchanges) >= talk.MOST
            or talk.answers.held >= talk.answers.room
        )

    def take(self, at: float, chunk: Chunk) -> None:
        """Be given what the client sends."""
        if isinstance(chunk, str):
            if chunk == "end":
                self._run_out(at)
            self._end(at, chunk)
        elif self._ended:
            return
        elif self.talk.over or not self._awake(chunk):
            self.wait(at, chunk)
        else:
            self.wire.feed(chunk)
            self.go_on(at)

    def _run_out(self, at: float) -> None:
        """See to what the client has begun and will not finish."""
        if not self.dropping:
            self.put(at, self.wire.rest())
            return
        self.wire.rest()
        if self.talk.exchanges and self.talk.exchanges[-1].ended is None:
            self.talk.exchanges.pop()
            self.talk.answers.go_on(at)
            self.talk.answers.place.wake()

    def _awake(self, chunk: memoryview) -> bool:
        """Tell whether it is known where messages begin, from now on perhaps."""
        self.talk.awake = self.talk.awake or bool(_LIKELY.match(chunk))
        return self.talk.awake

    def go_on(self, at: float) -> None:
        """Take messages apart, up to one whose answer decides how it goes on."""
        exchanges = self.talk.exchanges
        try:
            while not (exchanges and exchanges[-1].asks and self._over(exchanges[-1])):
                piece = self.wire.next()
                if piece is None:
                    return
                self._piece(at, *piece)
        except Strange:
            self.pass_all(at)

    @staticmethod
    def _over(exchange: Exchange) -> bool:
        return exchange.ended is not None

    def pass_all(self, at: float) -> None:
        """Look at nothing more: this is not HTTP, or not any longer."""
        if not self.talk.over:
            self.talk.over = True
            self.talk.count("not_http")
        if self.dropping:
            self.close(at)
        self.put(at, self.wire.rest())
        self.talk.answers.go_on(at)

    def _piece(self, at: float, sort: str, what: Head | bytes) -> None:
        if isinstance(what, Head):
            self._begin(at, what)
        elif sort == "end":
            self._finish(at)
        elif self.dropping:
            self.talk.did(dropped=len(what))
        else:
            self.put(at, what)

    def _begin(self, at: float, head: Head) -> None:
        """Decide on a request by its head."""
        try:
            framing = of_request(head)
        except Strange:
            self.put(at, head.raw)
            raise
        self.wire.body(framing)
        spared = at < self._start + self.toxic.skips.seconds
        rule = None if spared else self.talk.matched(head)
        exchange = Exchange(head.words[0], rule)
        self.talk.exchanges.append(exchange)
        if rule is not None and rule.answers:
            self._swallow(at, head, exchange, waits=framing != 0)
            return
        exchange.asks = bool(head.values("upgrade")) or exchange.method == "CONNECT"
        hold = 0.0
        if rule is not None and not rule.after:
            hold = rule.seconds(self.chance.random)
        if hold:
            self.talk.did(memoryview(head.raw))
        self.put(at, head.raw, hold)

    def _swallow(
        self, at: float, head: Head, exchange: Exchange, *, waits: bool
    ) -> None:
        """Keep a request from the upstream."""
        self.dropping = True
        wish = head.values("connection")
        waits = waits and "100-continue" in head.values("expect")
        exchange.closes = waits or "close" in wish or head.words[2] == "0"
        self.talk.did(memoryview(head.raw), dropped=len(head.raw))
        if waits:  # the client sends no body before it is told to
            self._ready(at, exchange)

    def _finish(self, at: float) -> None:
        self.dropping = False
        exchange = self.talk.exchanges[-1] if self.talk.exchanges else None
        if exchange is not None and exchange.ended is None:
            self._ready(at, exchange)

    def _ready(self, at: float, exchange: Exchange) -> None:
        """Have a request answered that is over."""
        exchange.ended = at
        if exchange.ours:
            self.talk.answers.go_on(at)
            self.talk.answers.place.wake()
