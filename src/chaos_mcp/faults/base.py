"""What a fault is: data, and five verbs: arm, inject, prove, undo, verify."""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from chaos_mcp.adapters.later import load_all
from chaos_mcp.errors import FaultRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.adapters.world import World

Memo = dict[str, Any]
"""All that undoing needs, as JSON: lasting identities, and the state before."""


class Fault(BaseModel):
    """A harm that can be taken back. Its fields are its arguments are its JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        populate_by_name=True,
        defer_build=True,
    )

    kind: ClassVar[str]
    """The name by which experiments call it, such as `network.partition`."""
    example: ClassVar[str]
    """A perturbation that uses it, as YAML."""
    reversible: ClassVar[bool] = True
    needs_traffic: ClassVar[bool] = False
    """Whether its effect shows only on traffic that somebody else sends."""
    lands_late: ClassVar[float] = 0.0
    """Seconds in which a harm that was asked for may still come after the answer was
    given up, or whoever asked has died: where somebody else carries it out."""
    undo_in_words: ClassVar[str]
    """What taking it back does, for `--dry-run` and for a person at night."""

    def targets(self) -> tuple[str, ...]:
        """Return what it touches, for the blast radius: `proxy cache`, say."""
        return ()

    def unfit(self, listens: Mapping[str, str]) -> str:
        """Return why it cannot be, where proxies listen as they do; mostly nothing."""
        del listens
        return ""

    def lasting(self) -> str:
        """Say what of it stays for good; empty: all of it can be taken back."""
        return "" if self.reversible else "this fault cannot be undone"

    def chooses(self) -> bool:
        """Tell whether it chooses what it touches among what there is: `foresee`."""
        return False

    def foresee(self, world: World) -> tuple[str, ...]:
        """Return what it would touch as things are now, by the draw `world.chance`.

        It is asked when the plan is made, and only looks. Raise `FaultRefused`, with
        the list, if more would be hit than was said. None at all is no mistake yet:
        the system may still be to be started.
        """
        del world
        return self.targets()

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return what no other run on this machine may touch meanwhile.

        Words that mean the same in every run: where `proxy cache` is, not only that.
        """
        del world, memo
        return self.targets()

    def ends_with_us(self, world: World) -> bool:
        """Tell whether it is gone at the latest when runner and guardian both are.

        Then it may stand while the guardian still loads what undoing it needs: should
        that fail, nothing is left behind all the same.
        """
        del world
        return False

    def late(self) -> Mapping[str, str]:
        """Return the fields that follow from names known when the system runs.

        `process: shop` gives `{"pid": "${shop.pid}"}`; nobody else may give them.
        """
        return {}

    @classmethod
    def warm(cls) -> None:
        """Load what undoing needs: later, it may not be possible to load anything."""
        load_all()

    @abstractmethod
    async def arm(self, world: World) -> Memo:
        """Look, change nothing, and return what undoing will need.

        Raise `FaultRefused` over foreign or already-broken state.
        """

    @abstractmethod
    async def inject(self, world: World, memo: Memo) -> None:
        """Do the harm."""

    @abstractmethod
    async def prove(self, world: World, memo: Memo) -> Any:
        """Return the evidence, as JSON, that the harm is in effect.

        It looks at the effect, not at a return code, and keeps looking until it is
        cancelled, or raises `FaultUnproven` when there is nothing to wait for.
        """

    @abstractmethod
    async def undo(self, world: World, memo: Memo) -> None:
        """Take the harm back: idempotent, and valid when it was never or half done."""

    @abstractmethod
    async def verify(self, world: World, memo: Memo) -> Any:
        """Read the state back by another path and return what was seen, as JSON.

        Raise `UndoFailed` when the harm is still there.
        """


def as_written(memo: Memo) -> Memo:
    """Return a memo as every other process will read it, so that all undo with one.

    Raise `FaultRefused` if it cannot be written down.
    """
    try:
        text = json.dumps(memo, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise FaultRefused(f"what undoing it needs is not JSON: {error}") from error
    read: Memo = json.loads(text)
    return read
