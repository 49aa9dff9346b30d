"""The clock on the wall jumps, and nothing is lost, hidden or told out of order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.engine.recover import recover
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.read import read
from tests.safety.adversity.gates import Gates, gate
from tests.safety.dead import killed

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.injection import Injections

pytestmark = pytest.mark.anyio
HOUR = 3600.0


class Wall:
    """A clock on the wall that somebody sets."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.offset = 0.0
        self._real = time.time
        patch.setattr(time, "time", lambda: self._real() + self.offset)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


@pytest.mark.parametrize("during", [-HOUR, HOUR])
@pytest.mark.parametrize("after", [-HOUR, HOUR])
async def test_a_run_on_whose_wall_the_clock_jumps_is_recovered_in_order(
    injections: Injections,
    gates: Gates,
    tmp_path: Path,
    wall: Wall,
    *,
    during: float,
    after: float,
) -> None:
    await injections.inflict(gate("front", 1))
    wall.offset += during
    await injections.inflict(gate("back", 2))
    killed(injections.journal)
    wall.offset += after

    recovered = await recover(tmp_path, "recover", "asked")
    again = await recover(tmp_path, "recover", "asked again")

    events = read(tmp_path)
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert (len(recovered.undone), recovered.open, gates.open) == (2, (), {})
    assert not open_faults(events)
    assert not again.did


async def test_a_fault_that_the_wall_has_long_expired_is_open_until_it_is_seen_gone(
    injections: Injections, gates: Gates, tmp_path: Path, wall: Wall
) -> None:
    await injections.inflict(gate())
    killed(injections.journal)

    wall.offset += 1000 * HOUR

    assert [one.expires < time.time() for one in open_faults(read(tmp_path))] == [True]
    await recover(tmp_path, "recover", "asked")
    assert gates.open == {}
