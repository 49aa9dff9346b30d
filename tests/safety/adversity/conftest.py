"""Runs in a world of gates: time is virtual, and every step may go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trio.testing

from chaos_mcp.adapters.world import World
from chaos_mcp.engine.injection import Injections
from chaos_mcp.experiment.substitute import Scope
from tests.engine.conftest import StillJournal, trio_time
from tests.safety.adversity.gates import Gates, reachable

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
