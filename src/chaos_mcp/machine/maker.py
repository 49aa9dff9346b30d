"""Who has made something: a mark on it that outlives its maker."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.machine import index
from chaos_mcp.machine.identity import boot, identity_from, identity_of, space
from chaos_mcp.machine.place import state_folder

if TYPE_CHECKING:
    from chaos_mcp.machine.identity import Identity

MAKER = "CHAOS_MAKER"
"""The variable by which a process says who has started it; see `mark`."""


@dataclass(frozen=True, slots=True)
class Maker:
    """The process that has made something, and where it is known what of."""

    who: Identity
    state: Path
    """The machine-wide state of whoever made it: its index has the run."""

    @property
    def here(self) -> bool:
        """Tell whether we can know what became of it: not of another machine's."""
        return self.who.boot == boot() and self.who.space == space()

    def answers_for(self, run: str) -> bool:
        """Tell whether it lives, or its own index still has the run."""
        return self.here and (self.who.alive() or index.has(self.state, run))


def mark() -> str:
    """Return what says of something that we have made it."""
    return json.dumps(
        {**identity_of(os.getpid()).as_json(), "state": str(state_folder())}
    )


def marked(text: str) -> Maker | None:
    """Return whom a mark names; None if it is none."""
    try:
        data = json.loads(text)
        who, state = identity_from(data), Path(str(data["state"]))
    except (ValueError, KeyError, TypeError):
        return None
    return Maker(who, state) if who else None
