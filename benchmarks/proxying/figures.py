"""The figures: how each is measured, and how it has to compare."""

from __future__ import annotations

import socket
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.proxying.servers import Server, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.proxying.load import Load

MILLION = 1e6
CROWD = 1000
"""Proxies, and idle connections, where there are to be many."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are compared: a server, and how to start another like it."""

    server: Server
    load: Load
    program: str | None = None
    direct: bool = False
    workers: int = 0

    def another(self, scope: ExitStack) -> Server:
        """Start a server of the same kind."""
        return scope.enter_context(
            running(self.server.name, self.program, self.workers)
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """What is measured, and what is asked of it."""

    name: str
    unit: str
    measure: Callable[[Side], float]
    sign: Literal[">=", "<="]
    asked: float
    of: Literal["ratio", "ours"] = "ratio"
    rounds: int = 0
    """How often it is measured, if not as often as all others."""
    direct: bool = False
    """Whether it can be measured without a proxy as well."""

    def met(self, value: float) -> bool:
        """Tell whether a value is good enough."""
        return value >= self.asked if self.sign == ">=" else value <= self.asked


def bulk(connections: int) -> Callable[[Side], float]:
    """Return a measure of megabytes a second over so many connections."""

    def measure(side: Side) -> float:
        sink, size = side.server.ports.sink, 300 * connections**0.5
        return size / side.load.run("bulk", sink, connections, size)[0]

    return measure


def processor(side: Side) -> float:
    """Return the processor's seconds for a gigabyte."""
    before = side.server.seconds()
    side.load.run("bulk", side.server.ports.sink, 1, 1000)
    return side.server.seconds() - before


def ping(side: Side) -> float:
    """Return the microseconds of a round trip: the median of thousands."""
    return side.load.run("ping", side.server.ports.echo, 2000)[0] * MILLION


def many(side: Side) -> float:
    """Return the round trips a second over a hundred connections."""
    return side.load.run("many", side.server.ports.echo, 100, 0.5)[0]


def opens(side: Side) -> float:
    """Return the connections a second, eight at a time."""
    return side.load.run("opens", side.server.ports.echo, 8, 0.5)[0]


def late(side: Side) -> float:
    """Return by how many milliseconds a delay of 100 is more than that."""
    with side.server.toxic("echo", "latency", latency=100):
        took = side.load.run("ping", side.server.ports.echo, 15)[0]
    return took * 1000 - 100


def off_rate(kilobytes: int, seconds: float) -> Callable[[Side], float]:
    """Return a measure of the percent by which a rate is missed."""

    def measure(side: Side) -> float:
        rate, *_ = _paced(side, kilobytes, seconds)
        return abs(rate / (kilobytes * 1000) - 1) * 100

    return measure


def uneven(kilobytes: int, seconds: float) -> Callable[[Side], float]:
    """Return a measure of how bytes in 100 ms differ: the deviation in percent."""

    def measure(side: Side) -> float:
        _, *windows = _paced(side, kilobytes, seconds)
        return statistics.pstdev(windows) / statistics.mean(windows) * 100

    return measure


def _paced(side: Side, kilobytes: int, seconds: float) -> list[float]:
    with side.server.toxic("source", "bandwidth", rate=kilobytes):
        return side.load.run("pace", side.server.ports.source, seconds)


def populate(side: Side) -> float:
    """Return the milliseconds in which a new server makes a thousand proxies."""
    proxies = [
        {"name": f"proxy-{n}", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}
        for n in range(CROWD)
    ]
    with ExitStack() as scope:
        server = side.another(scope)
        began = time.perf_counter()
        made = server.call("POST", "/populate", proxies)
        took = time.perf_counter() - began
    assert len(made["proxies"]) == CROWD  # noqa: S101 - or the figure means nothing
    return took * 1000


def memory(side: Side) -> float:
    """Return the mebibytes of a new server with a thousand idle connections."""
    with ExitStack() as scope:
        server = side.another(scope)
        port = server.proxy("echo", side.load.ports.echo)
        for _ in range(CROWD):
            one = scope.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.sendall(b"x")
            one.recv(1)
        return server.mebibytes()


FIGURES = (
    Figure("bulk, 1 connection", "MB/s", bulk(1), ">=", 2.5, direct=True),
    Figure("bulk, 4 connections", "MB/s", bulk(4), ">=", 2.3, direct=True),
    Figure("processor for a GB", "s", processor, "<=", 0.25, rounds=5),
    Figure("round trip, p50", "us", ping, "<=", 0.95, direct=True),
    Figure("round trips, 100 conn.", "1/s", many, ">=", 1.3, direct=True),
    Figure("connections", "1/s", opens, ">=", 1.1, direct=True),
    Figure("latency 100 ms, error", "ms", late, "<=", 0.6, "ours", 5),
    Figure("1,000 KB/s, error", "%", off_rate(1000, 4), "<=", 0.1, "ours", 3),
    Figure("100 MB/s, error", "%", off_rate(100_000, 2), "<=", 1.0, "ours", 3),
    Figure("1,000 KB/s, spread", "%", uneven(1000, 3), "<=", 3.0, "ours", 3),
    Figure("100 MB/s, spread", "%", uneven(100_000, 2), "<=", 3.0, "ours", 3),
    Figure("populate 1,000", "ms", populate, "<=", 1.0, rounds=7),
    Figure("memory, 1,000 idle", "MiB", memory, "<=", 1.0, rounds=3),
)
