"""Stall as TCP does over a network that loses packets: nothing is lost but time.

A proxy carries streams, so a lost packet is not seen as a gap, but as a wait: until
the sender's retransmission timer has run out, while all that comes after waits behind
it. Timer and backing off are those of RFC 6298: it starts at `rto` (Linux: 200 ms on a
quick path; the RFC: 1 s), doubles with every retransmission that is lost as well (5.5),
up to 60 s (2.5). That a later packet's arrival can mend a loss sooner (RFC 5681, fast
retransmit) is left out: it is the small exchanges, which have no later packets, that
suffer most from loss.
"""

from collections.abc import Mapping
from math import ceil, expm1, log
from typing import Any, ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic

SEGMENT = 1460
"""Bytes of a packet: what is left of Ethernet's 1,500 by IPv4 and TCP."""
LONGEST = 60.0
"""Seconds beyond which the timer does not double."""
TRIES = 15
"""Retransmissions after which even this network lets one through (tcp_retries2)."""
RTO = 200


class Loss(Stage):
    """Has each packet of 1,460 bytes lost with a chance of `loss`, from 0 to below 1.

    `rto` is the first wait in milliseconds.
    """

    defaults: ClassVar = {"loss": "float64", "rto": "int64"}
    initial: ClassVar = {"loss": 0.0, "rto": RTO}
    # As much as a TCP window may hold while it waits for one packet.
    room: ClassVar = 4 * 1024 * 1024

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._draw: float | None = None
        self._last = 0.0

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """See that some packets arrive."""
        if not 0 <= attributes["loss"] < 1:
            msg = "loss must be a share of packets, 0 or more and less than 1"
            raise ValueError(msg)

    def ready(self) -> float:
        """Return when the first chunk has arrived whole; none overtakes another."""
        due = super().ready()
        if not self._waiting:
            return due
        return max(due + self._stall(self._waiting[0][1]), self._last)

    def give(self) -> Chunk:
        """Return the first chunk; the next one has losses of its own."""
        self._last = self.due()
        self._draw = None
        return super().give()

    def _stall(self, chunk: Chunk) -> float:
        """Return for how long the first chunk waits for its unluckiest packet."""
        if isinstance(chunk, str) or not self.toxic.attributes["loss"]:
            return 0.0
        if self._draw is None:
            self._draw = self.chance.random()
            if self._waits(self._draw, chunk):
                self.acted(chunk)
        return self._waits(self._draw, chunk)

    def _waits(self, draw: float, chunk: memoryview) -> float:
        packets = ceil(len(chunk) / SEGMENT)
        times = retransmissions(draw, packets, self.toxic.attributes["loss"])
        return stalled(times, self["rto"] * MILLISECOND)


def retransmissions(draw: float, packets: int, loss: float) -> int:
    """Return how often the unluckiest of so many packets is sent again.

    `draw` is a number from 0 to 1. All packets get through with k retransmissions or
    fewer with a probability of (1 - loss^(k+1))^packets; the first k for which that
    reaches the draw is what came.
    """
    if not draw:
        return 0
    # loss^(k+1) <= 1 - draw^(1/packets), solved for k.
    missed = -expm1(log(draw) / packets)
    return min(TRIES, max(0, ceil(log(missed) / log(loss)) - 1))


def stalled(times: int, rto: float) -> float:
    """Return how long so many retransmissions take, each twice as long as the last."""
    return sum(min(rto * 2.0**number, LONGEST) for number in range(times))
