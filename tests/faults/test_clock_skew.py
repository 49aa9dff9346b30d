"""A process of the system lives at another time for a while, and knows no other."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.clocks import MEMORY, LocalClocks, environment
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import FaultRefused
from chaos_mcp.events import FaultProven, PartStarted
from chaos_mcp.faults.clock_skew import ClockSkew
from tests.faults.owned import BIG, FULL, NAME, own_system, resident
from tests.running import only, run

pytestmark = pytest.mark.anyio
STUBBORN = "trap 'sleep 0.5; exit' TERM; while :; do sleep 0.02; done"
faketime = pytest.mark.skipif(
    not LocalClocks().library(),
    reason="needs libfaketime (Debian: apt-get install faketime)",
)
CLOCK = """
import json, signal, time
with open("clock", "a") as file:
    file.write(json.dumps([time.time(), time.monotonic()]) + "\\n")
signal.pause()
"""


@faketime
@pytest.mark.parametrize(
    ("given", "seconds"), [({"ahead": "1d"}, 86400.0), ({"behind": "2h"}, -7200.0)]
)
def test_a_process_sees_another_day_and_waits_as_long_as_ever(
    tmp_path: Path, given: dict[str, str], seconds: float
) -> None:
    clock = {
        "name": "clock",
        "command": ["python", "-c", CLOCK],
        "cwd": str(tmp_path),
        "ready": {
            "probe": "process",
            "command": ["sh", "-c", f"sleep 0.3; test -s {tmp_path}/clock"],
            "expect": {"exit_code": 0},
        },
    }
    skew = {"fault": "clock.skew", "process": "clock", "for": "2s", **given}

    result = run(tmp_path, {"system": {"processes": [clock]}, "perturbations": [skew]})

    events = result.reading.events
    told = [json.loads(line) for line in (tmp_path / "clock").read_text().splitlines()]
    (before, _), (during, waiting) = told[:2]
    (proven,) = only(events, FaultProven)
    assert abs(proven.evidence["offset_seconds"] - seconds) < 2
    assert abs(during - before - seconds) < 60
    assert abs(waiting - told[0][1]) < 60
    assert len(only(events, PartStarted)) == 3
    assert not [*MEMORY.glob(f"*faketime*{only(events, PartStarted)[1].pid}")]
    assert result.verdict == "PASSED"


async def test_that_the_library_is_missing_is_said_with_its_package(
    tmp_path: Path,
) -> None:
    class Without(LocalClocks):
        def library(self) -> str:
            return ""

    async with own_system(tmp_path) as own:
        world = replace(World(), system=own.parts, clocks=Without())
        with pytest.raises(FaultRefused, match="apt-get install faketime"):
            await ClockSkew.model_validate({"process": NAME, "ahead": "1h"}).arm(world)


async def test_a_process_of_somebody_elses_keeps_its_clock() -> None:
    skew = ClockSkew.model_validate({"process": NAME, "ahead": "1h"})

    with pytest.raises(FaultRefused, match="there is no process 'worker' that we"):
        await skew.arm(World())


@pytest.mark.parametrize("given", [{}, {"ahead": "1h", "behind": "1h"}, {"ahead": 0}])
def test_a_clock_is_off_one_way(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="one of `ahead` and `behind`"):
        ClockSkew.model_validate({"process": NAME, **given})


def test_what_was_to_be_loaded_already_stays() -> None:
    wrong = environment("/lib/time.so", -1.5, "/lib/own.so")

    assert wrong["LD_PRELOAD"] == "/lib/own.so /lib/time.so"
    assert wrong["FAKETIME"] == "-1.500000"


def on_its_way_out(pid: int) -> bool:
    """Tell whether a process has no memory any more, or is dead."""
    try:
        return not Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return True


@faketime
async def test_a_process_that_is_only_just_dying_is_started_again(
    tmp_path: Path,
) -> None:
    async with own_system(tmp_path, BIG) as own:
        world = replace(World(), system=own.parts)
        fault = ClockSkew.model_validate(
            {"process": NAME, "pid": own.pid, "ahead": "1h"}
        )
        memo = await fault.arm(world)
        await fault.inject(world, memo)
        with anyio.fail_after(30):
            while resident(own.pid) < FULL:  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)
        killed = own.pid

        os.kill(killed, signal.SIGKILL)
        while not on_its_way_out(killed):
            pass
        await fault.undo(world, memo)

        assert own.pid != killed
        assert await fault.verify(world, memo) == {
            "running": own.pid,
            "offset_seconds": 0,
        }


@faketime
async def test_one_that_was_told_to_end_is_started_again_once_it_has(
    tmp_path: Path,
) -> None:
    async with own_system(tmp_path, STUBBORN) as own:
        world = replace(World(), system=own.parts)
        fault = ClockSkew.model_validate(
            {"process": NAME, "pid": own.pid, "ahead": "1h"}
        )
        memo = await fault.arm(world)
        told = own.pid

        with anyio.move_on_after(0.2):  # cut short: it is still at its last words
            await fault.inject(world, memo)
        await fault.undo(world, memo)

        assert own.pid != told
        assert (await fault.verify(world, memo))["running"] == own.pid
