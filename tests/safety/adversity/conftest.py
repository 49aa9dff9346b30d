"""Runs in a world of gates: time is virtual, and every step may go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
import trio.testing

from chaos_mcp.adapters.world import World
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.recover import recover
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.read import read
from tests.engine.conftest import StillJournal, trio_time
from tests.safety.adversity.gates import LEAVES, Gates, reachable
from tests.safety.adversity.journals import RUN
from tests.safety.dead import killed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.journal.log import Journal


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Let an hour pass in a millisecond."""
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Gates:
    """Give gates that `recover` finds, too."""
    made = Gates()
    reachable(made, monkeypatch)
    return made


@pytest.fixture
def standing(gates: Gates) -> Gates:
    """Give a world in which the first and the third fault of a dead run stand."""
    for number in (1, 3):
        for leaf in LEAVES:
            gates.open[f"{number}-{leaf}"] = f"chaos-{RUN}-{number}"
    return gates


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = StillJournal(tmp_path, "test-run", clock=trio_time)
    yield made
    made.close()


@pytest.fixture
def injections(journal: Journal, gates: Gates) -> Injections:
    return at(gates, journal)


def at(gates: Gates, journal: Journal) -> Injections:
    """Return what opens gates for a run."""
    return Injections(journal, World(extra={"gates": gates}), Scope())


TakeBack = Callable[[], Awaitable[list[str]]]
"""Takes everything back, and returns the names of the faults that are still open."""


@pytest.fixture(params=["by the runner", "by recover"])
def take_back(
    request: pytest.FixtureRequest, injections: Injections, tmp_path: Path
) -> TakeBack:
    """Take back at the end of a run, and after its death: both must hold the same."""

    async def by_the_runner() -> list[str]:
        await injections.undo_all()
        return still_open()

    async def by_recover() -> list[str]:
        killed(injections.journal)
        await recover(tmp_path, "recover", "asked")
        return still_open()

    def still_open() -> list[str]:
        return [one.name for one in open_faults(read(tmp_path))]

    return by_recover if "recover" in request.param else by_the_runner
