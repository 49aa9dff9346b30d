"""A link in any order of events: what was sent arrives, and nothing waits for good."""

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest

from chaos_mcp.proxy import inlet, pipe
from chaos_mcp.proxy.link import Link
from chaos_mcp.proxy.toxics.toxic import Toxic
from tests.proxy.world import Loop, Owner, Pipe, Socket

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

SCHEDULES = 25
READ, SIP = 100, 25
ATTRIBUTES: dict[str, dict[str, list[Any]]] = {
    "noop": {},
    "latency": {
        "latency": [0, 5, 1000],
        "jitter": [0, 3],
        "distribution": ["uniform", "pareto"],
    },
    "bandwidth": {"rate": [1, 10, 1000], "shared": [False, True]},
    "slicer": {"average_size": [3, 50], "size_variation": [0], "delay": [0, 1000]},
    "slow_close": {"delay": [0, 10]},
    "loss": {"loss": [0.0, 0.5], "rto": [1, 300]},
}


class Schedule:
    """One link, and what happens around it, as a seed has it."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = Random(seed)  # noqa: S311 - repeatable
        self.sockets = [Socket(0), Socket(1)]
        self.source, self.target = self.sockets
        self.loop = Loop(self.chance, self.source, self.target)
        self.owner = Owner()
        self.sent = bytearray()
        self.toxics: list[Toxic] = []
        self.sizes = self.chance.choice([[200, 400], [1, 10, 100]])
        holds = self.chance.choice([5, 40, 100, 1000])
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self.loop)
        monkeypatch.setattr(pipe, "opened", lambda: Pipe(self.sockets, holds))
        ends = [cast("socket.socket", one) for one in self.sockets]
        self.link = Link(ends[0], ends[1], self.owner)
        self.link.change([])

    def sends(self) -> None:
        data = self.chance.randbytes(self.chance.choice(self.sizes))
        self.sent += data
        self.source.has += data

    def takes(self) -> None:
        self.target.room += self.chance.choice([1, 60, 300])

    def attributes(self, kind: str) -> dict[str, Any]:
        some = ATTRIBUTES[kind].items()
        return {name: self.chance.choice(values) for name, values in some}

    def adds(self) -> None:
        kind = self.chance.choice(list(ATTRIBUTES))
        name = str(len(self.toxics))
        self.toxics.append(Toxic(name, kind, "upstream", 1.0, self.attributes(kind)))
        self.link.change(self.toxics)

    def removes(self) -> None:
        if self.toxics:
            self.toxics.remove(self.chance.choice(self.toxics))
        self.link.change(self.toxics)

    def updates(self) -> None:
        if self.toxics:
            toxic = self.chance.choice(self.toxics)
            toxic.attributes.update(self.attributes(toxic.type))
            self.link.change(self.toxics, toxic)

    def waits(self) -> None:
        self.loop.now += self.chance.choice([0.001, 0.1, 2])

    def works(self) -> None:
        for _ in range(self.chance.choice([1, 5, 50])):
            self.loop.step()

    def play(self) -> None:
        """Let things happen, some more often than others."""
        often: list[Callable[[], None]] = [self.sends, self.takes, self.works] * 6
        seldom = [self.adds, self.removes, self.updates, self.waits]
        for _ in range(self.chance.choice([30, 150])):
            self.chance.choice(often + seldom)()

    def finish(self) -> None:
        """End the stream, and go on for as long as anything moves."""
        self.source.ended = True
        while not self.owner.ending:
            self.target.room += 50
            if not self.loop.step() and not self.loop.skip():
                return


@pytest.fixture(autouse=True)
def little_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = memoryview(bytearray(READ))
    monkeypatch.setattr(inlet, "READ", READ)
    monkeypatch.setattr(inlet, "SIP", SIP)
    monkeypatch.setattr(inlet, "_BUFFER", buffer)
    monkeypatch.setattr(inlet, "_START", buffer[:SIP])


@pytest.mark.parametrize("first", range(0, 4 * SCHEDULES, SCHEDULES))
def test_in_any_order_all_arrives_and_nothing_waits_for_good(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(first, first + SCHEDULES):
        schedule = Schedule(seed, monkeypatch)
        schedule.play()
        schedule.finish()

        assert schedule.owner.ending == "end", f"stuck with seed {seed}"
        assert schedule.target.taken == schedule.sent, f"seed {seed}"
