"""Runs that inject, undo, end, die and are recovered, while the world changes.

What must hold after every step is written once, for every world.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chaos_mcp.engine.injection import GRACE
from chaos_mcp.events import FaultVerified
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.safety.dead import killed
from tests.safety.model.dying import Died, Steps, Synced
from tests.safety.model.worlds import PROXIES
from tests.safety.sites import injections_of, recovered, slow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chaos_mcp.engine.injection import Injections
    from chaos_mcp.events import BaseEvent
    from tests.safety.model.worlds import ToxicWorld

LIFE = 0.05
"""Seconds that a mortal toxic lives."""
THEIRS = ("theirs", "chaos-r1-11-upstream", "chaos-manual-1-downstream")
"""Toxics of nobody's run here, however they are called."""

proxies = st.sampled_from(PROXIES)
steps = st.none() | st.integers(1, 30)
"""At which step to die, if at all."""
shares = st.sampled_from([None, 0.0, 0.4, 0.6, 0.9, 1.0])
"""How much of what was not synced is left, if the power is cut."""


@dataclass
class Life:
    """One run, alive or dead."""

    folder: Path
    injections: Injections | None
    faults: int = 0

    @property
    def journal(self) -> Path:
        return self.folder / FILE


class Lives(RuleBasedStateMachine):
    """All that can happen to runs and their world."""

    def __init__(self, world: ToxicWorld) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.room = tempfile.TemporaryDirectory()
        self.world = world
        self.foreign: dict[str, set[str]] = {proxy: set() for proxy in PROXIES}
        self.mortal: set[str] = set()
        self.lives: list[Life] = []
        self.untrue: list[str] = []
        """Faults that were verified while they stood."""
        self.steps = Steps()
        self._enter()

    def _enter(self) -> None:
        self.world.enter(self.patch)
        self.steps.enter(self.patch)
        self.synced = Synced(self.patch)
        self.patch.setattr(os, "fsync", lambda _: None)
        self.patch.setattr("chaos_mcp.engine.sweep.tagged", lambda *_: [])
        record = Journal.record

        def watched(journal: Journal, event: BaseEvent) -> BaseEvent:
            if isinstance(event, FaultVerified) and self._stands(journal, event.fault):
                self.untrue.append(event.fault)  # an error here would be suppressed
            return record(journal, event)

        self.patch.setattr(Journal, "record", watched)

    def _stands(self, journal: Journal, fault: str) -> set[str]:
        memo = {one.fault: one.memo for one in open_faults(journal.events)}[fault]
        return self.world.carried()[memo["proxy"]] & set(memo["toxics"])

    @rule(
        proxy=proxies,
        which=st.integers(0, 1),
        mortal=st.booleans(),
        step=steps,
        cut=shares,
    )
    def inject(
        self, proxy: str, which: int, step: int | None, cut: Any, *, mortal: bool
    ) -> None:
        life = self._living(which)
        life.faults += 1
        harm = slow(proxy, life.faults)
        if mortal:
            harm = replace(harm, hold=LIFE - GRACE)
            run = life.folder.name
            self.mortal |= {
                f"chaos-{run}-{life.faults}-{stream}"
                for stream in ("upstream", "downstream")
            }
        assert life.injections
        injections = life.injections
        self._carry_out(life, lambda: injections.inflict(harm), step, cut)

    @precondition(lambda self: self._alive())
    @rule(which=st.integers(0, 1), step=steps, cut=shares)
    def undo(self, which: int, step: int | None, cut: Any) -> None:
        life = self._living(which)
        assert life.injections
        self._carry_out(life, life.injections.undo_all, step, cut)

    @precondition(lambda self: self._alive())
    @rule(which=st.integers(0, 1))
    def end(self, which: int) -> None:
        life = self._living(which)
        assert life.injections
        anyio.run(life.injections.undo_all)
        life.injections.journal.close()
        life.injections = None

    @precondition(lambda self: self._alive())
    @rule(which=st.integers(0, 1), cut=shares)
    def die(self, which: int, cut: Any) -> None:
        self._dies(self._living(which), cut)

    @precondition(lambda self: self._dead())
    @rule(which=st.integers(0, 9), step=steps, cut=shares)
    def recover(self, which: int, step: int | None, cut: Any) -> None:
        dead, trouble = self._dead(), self.world.times
        left = [life for life in dead if open_faults(self._events(life))] or dead
        life = left[which % len(left)]
        try:
            with self.steps.dying_at(step):
                came = anyio.run(recovered, life.folder)
        except Died:
            if cut is not None:
                self.synced.cut(life.journal, cut)
        else:
            assert bool(came.open) == bool(open_faults(self._events(life)))
            assert trouble or not came.open
            if not came.open:
                self._nothing_is_left_of(life)

    @precondition(lambda self: hasattr(self.world, "toxics"))
    @rule(trouble=st.sampled_from(["jam", "lie"]), times=st.integers(1, 9))
    def be_in_trouble(self, trouble: str, times: int) -> None:
        self.world.trouble, self.world.times = trouble, times

    @rule(proxy=proxies, name=st.sampled_from(THEIRS))
    def others_add(self, proxy: str, name: str) -> None:
        if name not in self.world.carried()[proxy]:
            self.world.add(proxy, name)
            self.foreign[proxy].add(name)

    @rule(proxy=proxies)
    def others_remove(self, proxy: str) -> None:
        for name in self.foreign[proxy]:
            self.world.remove(proxy, name)
        self.foreign[proxy] = set()

    @rule(proxy=proxies, first=st.booleans())
    def others_undo_half(self, proxy: str, *, first: bool) -> None:
        ours = sorted(self._ours()[proxy])
        if ours:
            self.world.remove(proxy, ours[0 if first else -1])

    @rule()
    def restart(self) -> None:
        self.world.restart()
        self.foreign = {proxy: set() for proxy in PROXIES}

    @rule()
    def expire(self) -> None:
        self.world.expire(self.mortal)

    @invariant()
    def foreign_state_is_never_touched(self) -> None:
        carried = self.world.carried()
        assert {p: carried[p] & set(THEIRS) for p in PROXIES} == self.foreign

    @invariant()
    def nothing_is_verified_that_stands(self) -> None:
        assert self.untrue == []

    @invariant()
    def what_stands_is_open_in_a_journal(self) -> None:
        known: dict[str, set[str]] = {proxy: set() for proxy in PROXIES}
        for life in self.lives:
            for fault in open_faults(self._events(life)):
                known[fault.memo["proxy"]] |= set(fault.memo["toxics"])
        for proxy, ours in self._ours().items():
            assert ours <= known[proxy]

    def teardown(self) -> None:
        """Let all of them die, and see that nothing is left of any."""
        try:
            self.world.times = 0
            for life in self._alive():
                self._dies(life, 0.6)
            for life in self.lives:
                anyio.run(recovered, life.folder)
                self._nothing_is_left_of(life)
            assert not any(self._ours().values())
            self.foreign_state_is_never_touched()
        finally:
            self.patch.undo()
            self.room.cleanup()

    def _alive(self) -> list[Life]:
        return [life for life in self.lives if life.injections]

    def _dead(self) -> list[Life]:
        return [life for life in self.lives if not life.injections]

    def _ours(self) -> dict[str, set[str]]:
        carried = self.world.carried()
        return {proxy: carried[proxy] - set(THEIRS) for proxy in PROXIES}

    def _living(self, which: int) -> Life:
        """Return one of two runs that live, and let it begin if need be."""
        if len(self._alive()) <= which:
            folder = Path(self.room.name) / f"r{len(self.lives) + 1}"
            folder.mkdir()
            injections = injections_of(folder, self.world.proxies, folder.name)
            injections.patience = replace(injections.patience, pause=0.0)
            self.lives.append(Life(folder, injections))
            return self.lives[-1]
        return self._alive()[which]

    def _carry_out(
        self,
        life: Life,
        work: Callable[[], Awaitable[object]],
        step: int | None,
        cut: Any,
    ) -> None:
        try:
            with self.steps.dying_at(step):
                anyio.run(work)
        except Died:
            self._dies(life, cut)

    def _dies(self, life: Life, cut: float | None) -> None:
        assert life.injections
        killed(life.injections.journal)
        life.injections = None
        if cut is not None:
            self.synced.cut(life.journal, cut)

    def _events(self, life: Life) -> list[Any]:
        events = read(life.folder)
        assert [one.seq for one in events] == list(range(len(events)))
        assert not [one for one in events if one.kind == "journal.damaged"]
        return events

    def _nothing_is_left_of(self, life: Life) -> None:
        """See that a run was recovered, and that doing so again does nothing."""
        tags = tuple(f"chaos-{life.folder.name}-{n}-" for n in range(life.faults + 1))
        for names in self._ours().values():
            assert not [name for name in names if name.startswith(tags)]
        assert not open_faults(self._events(life))
        before = life.journal.read_bytes()
        assert not anyio.run(recovered, life.folder).did
        assert life.journal.read_bytes() == before
