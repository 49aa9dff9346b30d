"""A small world of gates with two leaves, where a test says what goes wrong next."""

from __future__ import annotations

import inspect
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from chaos_mcp.adapters.reach import reach as real
from chaos_mcp.errors import ActivityFailed, UndoFailed
from chaos_mcp.faults import BUILT_IN
from chaos_mcp.faults.base import Fault, Memo
from chaos_mcp.plan.model import Harm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import pytest

    from chaos_mcp.adapters.world import World
    from chaos_mcp.experiment.substitute import Scope

    Mishap = Callable[[], "Awaitable[None] | None"]

LEAVES = ("left", "right")
KIND = "gate.open"


@dataclass
class Gates:
    """Which leaves stand open, who opened each, and what goes wrong next."""

    open: dict[str, str] = field(default_factory=dict)
    """By leaf, such as `front-left`: the tag of whoever opened it."""
    log: list[str] = field(default_factory=list)
    mishaps: dict[str, deque[Mishap]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    """By step, such as `undo front`: what happens the next times, once each."""

    def wrong(self, step: str, *mishaps: Mishap) -> None:
        """Let these things go wrong the next times that a step is taken."""
        self.mishaps[step].extend(mishaps)

    async def step(self, step: str) -> None:
        """Take a step, which may go wrong."""
        self.log.append(step)
        if waiting := self.mishaps[step]:
            came = waiting.popleft()()
            if inspect.isawaitable(came):
                await came

    def by(self, owner: str) -> set[str]:
        """Return the leaves that somebody has opened."""
        return {leaf for leaf, tag in self.open.items() if tag == owner}


class OpenGate(Fault):
    """Open a gate that should be closed."""

    kind: ClassVar[str] = KIND
    example: ClassVar[str] = f"fault: {KIND}"
    undo_in_words: ClassVar[str] = "close the leaves that carry our tag"

    gate: str

    def targets(self) -> tuple[str, ...]:
        return (f"gate:{self.gate}",)

    async def arm(self, world: World) -> Memo:
        await gates_of(world).step(f"arm {self.gate}")
        return {"leaves": [f"{self.gate}-{leaf}" for leaf in LEAVES]}

    async def inject(self, world: World, memo: Memo) -> None:
        gates = gates_of(world)
        await gates.step(f"inject {self.gate}")
        for leaf in memo["leaves"]:
            gates.open.setdefault(leaf, world.owner)
            await gates.step(f"opened {leaf}")

    async def prove(self, world: World, memo: Memo) -> Any:
        del world
        return memo

    async def undo(self, world: World, memo: Memo) -> None:
        gates = gates_of(world)
        await gates.step(f"undo {self.gate}")
        for leaf in memo["leaves"]:
            if gates.open.get(leaf) == world.owner:
                del gates.open[leaf]

    async def verify(self, world: World, memo: Memo) -> Any:
        gates = gates_of(world)
        await gates.step(f"verify {self.gate}")
        if left := gates.by(world.owner) & set(memo["leaves"]):
            raise UndoFailed(f"{', '.join(sorted(left))} stands open")
        return {"closed": memo["leaves"]}


def gates_of(world: World) -> Gates:
    gates = world.extra["gates"]
    assert isinstance(gates, Gates)
    return gates


def gate(name: str = "front", number: int = 1) -> Harm:
    """Return the perturbation that opens a gate."""

    def make(_: Scope) -> Fault:
        return OpenGate(gate=name)

    return Harm(
        id=f"{number}-{KIND}",
        name=f"open the {name} gate",
        kind=KIND,
        make=make,
        undo_in_words="",
        targets=(f"gate:{name}",),
    )


def reachable(gates: Gates, patch: pytest.MonkeyPatch) -> None:
    """Let `recover` find the gates, and the fault that opens them."""

    @asynccontextmanager
    async def reach(place: Any, owner: str) -> AsyncIterator[World]:
        async with real(place, owner) as world:
            yield replace(world, extra={"gates": gates})

    patch.setitem(BUILT_IN, KIND, f"{__name__}:OpenGate")
    patch.setattr("chaos_mcp.engine.recover.reach", reach)


async def hang() -> None:
    """Never come back."""
    await anyio.sleep_forever()


def jam() -> None:
    """Fail as an adapter does."""
    raise ActivityFailed("it is jammed")


def lie() -> None:
    """Say that it stands, though it does not."""
    raise UndoFailed("it stands open (a lie)")


def raising(error: BaseException) -> Mishap:
    """Fail in a way that nobody has foreseen."""

    def mishap() -> None:
        raise error

    return mishap
