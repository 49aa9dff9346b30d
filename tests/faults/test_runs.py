"""Faults on this machine in whole runs: named by the experiment, undone at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import FaultArmed, FaultFailed, FaultProven, FaultVerified
from tests.faults.stages import running, state_of
from tests.running import only, run

if TYPE_CHECKING:
    from pathlib import Path

STORE = {"name": "store", "command": ["python", "-m", "chaos_mcp.demo.store"]}


@pytest.mark.parametrize(
    "which", [{"process": "store"}, {"pid": "${store.pid}"}], ids=["name", "number"]
)
def test_a_process_of_the_system_is_frozen_and_let_go(
    tmp_path: Path, which: dict[str, Any]
) -> None:
    freeze = {"fault": "process.pause", "for": "300ms", **which}

    result = run(
        tmp_path, {"system": {"processes": [STORE]}, "perturbations": [freeze]}
    )

    events = result.reading.events
    (armed,) = only(events, FaultArmed)
    (proven,) = only(events, FaultProven)
    (verified,) = only(events, FaultVerified)
    (pid,) = (one["pid"] for one in armed.memo["processes"])
    assert armed.spec["pid"] == pid
    assert proven.evidence["stopped"] == 1
    assert verified.evidence == {"stopped": 0, "running": 1}
    assert result.verdict == "PASSED"


def test_a_process_that_somebody_has_stopped_is_left_as_it_is(tmp_path: Path) -> None:
    with running("kill -STOP $$ & exec sleep 1000") as shell:
        while state_of(shell.pid) != "T":
            pass
        freeze = {"fault": "process.pause", "pid": shell.pid, "for": "300ms"}

        result = run(tmp_path, {"perturbations": [freeze]})

        (failed,) = only(result.reading.events, FaultFailed)
        assert "somebody has stopped it already" in failed.error
        assert state_of(shell.pid) == "T"
    assert result.verdict != "PASSED"
