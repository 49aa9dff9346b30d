"""Which process a fault is for: by name, by number, or drawn among those that match."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from pydantic import Field, field_validator, model_validator

from chaos_mcp.errors import FaultRefused
from chaos_mcp.faults._processes import GONE, family, members, objection, remember
from chaos_mcp.faults._selection import Candidate, Selection, TooFew, choose
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.adapters.local import ProcessSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class Targeted(Fault):
    """A fault of one process, or of several."""

    process: str | None = Field(
        default=None, description="A process of the experiment's `system:`, by name."
    )
    pid: int | None = Field(
        default=None, ge=0, description="Or any process of this machine, by number."
    )
    pattern: str | None = Field(
        default=None,
        min_length=1,
        description="Or those whose command line this regular expression is found in; "
        "with `process`, only that one and what it has started.",
    )
    scope: Selection | None = Field(
        default=None, description="How many of those, drawn from the run's seed."
    )

    @field_validator("pattern")
    @classmethod
    def _regular(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.process is None and self.pid is None and self.pattern is None:
            raise ValueError("say which: `process: NAME`, `pid: NUMBER` or `pattern:`")
        if self.pattern is not None and self.process is None and self.pid is not None:
            raise ValueError("`pid` and `pattern` are two ways to say which")
        if self.scope is not None and self.pattern is None:
            raise ValueError("`scope` goes with `pattern`")
        return self

    def late(self) -> Mapping[str, str]:
        """Return the number of a process that is known by its name."""
        return {} if self.process is None else {"pid": f"${{{self.process}.pid}}"}

    def targets(self) -> tuple[str, ...]:
        """Return the process by its name, else by its number or what it matches."""
        if self.process is not None:
            return (f"process:{self.process}",)
        if self.pattern is not None:
            return (f"pattern:{self.pattern}",)
        return (f"pid:{self.pid or 'known when the system runs'}",)

    def chooses(self) -> bool:
        """Tell whether it is for processes that are there already, and match."""
        return self.pattern is not None and self.process is None

    def foresee(self, world: World) -> tuple[str, ...]:
        """Return who would be hit, or that nobody is there who matches."""
        try:
            drawn = self._drawn(world)
        except TooFew:
            return self.targets()
        return tuple(f"pid:{one.label}" for one, _ in drawn)

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return each process that is hit, whatever runs call it."""
        del world
        return tuple(f"process:{who.pid} of {who.birth}" for who in members(memo))

    def chosen(self, world: World) -> list[int]:
        """Return the numbers of those who are hit; raise `FaultRefused` if none is."""
        if any(fnmatchcase(self.process or "", one) for one in world.bounds.protect):
            raise FaultRefused(
                f"the process {self.process!r} is protected by `blast-radius: protect:`"
            )
        if self.pattern is not None:
            return [pid for _, pid in self._drawn(world)]
        if self.pid is None:
            raise FaultRefused(f"nobody says which process {self.process!r} is")
        return [self.pid]

    def matching(self, world: World) -> int:
        """Return how many match now, drawn or not; without a pattern, that is one."""
        if self.pattern is None:
            return 1
        return sum(1 for _ in self._candidates(world))

    def _drawn(self, world: World) -> list[tuple[Candidate, int]]:
        found = dict(self._candidates(world))
        drawn = choose(
            [*found],
            self.scope,
            world.chance,
            of_what=f"process matching {self.pattern!r}",
            # What belongs to a process of the system is one target by its name.
            most=world.most if self.process is None else None,
        )
        return [(one, found[one]) for one in drawn]

    def _candidates(self, world: World) -> Iterator[tuple[Candidate, int]]:
        protected = world.processes.protected()
        wanted, count = re.compile(self.pattern or ""), Counter[str]()
        for one in sorted(self._among(world), key=lambda one: (one.born, one.pid)):
            command = world.processes.command(one.pid)
            if one.state in GONE or not wanted.search(command):
                continue
            # Its number is another in the next run; that it is the third is not.
            count[command] += 1
            key = f"{command}\0{count[command]}"
            why = objection(one, world, protected)
            yield Candidate(key, f"{one.pid} ({one.name})", why), one.pid

    def _among(self, world: World) -> list[ProcessSeen]:
        everyone = world.processes.at_once()
        return everyone if self.process is None else family(everyone, self.pid or 0)


class ProcessFault(Targeted):
    """A fault of processes, and of what they have started."""

    tree: bool = Field(
        default=True, description="Whether all that it has started is hit as well."
    )

    async def arm(self, world: World) -> Memo:
        """See that the processes are there, run, and are ones that we may touch."""
        return await remember(world, *self.chosen(world), tree=self.tree)
