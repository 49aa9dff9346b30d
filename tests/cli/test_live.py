"""The live view shows where a run is, and trusts no text."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.cli.expected import length
from chaos_mcp.cli.live import State, traffic_in_words
from chaos_mcp.events import (
    FaultInjected,
    FaultProven,
    FaultVerified,
    PhaseStarted,
    ProbeMeasured,
    RunAborting,
    SafeguardTripped,
    WorkloadSampled,
)
from chaos_mcp.runs import validate
from tests.cli.conftest import ROOT
from tests.running import write

if TYPE_CHECKING:
    from pathlib import Path

SAMPLED = WorkloadSampled(
    name="shop",
    sent=[1, 2, 3],
    latency=[0.01, 0.02, 2.0],
    result=["ok", "ok", "timeout"],
)


def shown(*events: Any) -> str:
    state = State("it", expected=30.0)
    for event in events:
        state.take(event)
    return "\n".join(line.plain for line in state.lines(elapsed=12.0))


def test_it_begins_with_title_phase_and_time_left() -> None:
    assert shown(PhaseStarted(phase="inject")) == (
        "it\ninject        12 s, about 18 s left"
    )


def test_each_probe_shows_its_last_verdict() -> None:
    probe: dict[str, Any] = {"name": "up", "role": "hypothesis"}

    told = shown(
        ProbeMeasured(verdict="held", **probe),
        ProbeMeasured(verdict="deviated", why="it is 503", **probe),
    )

    assert "✘ up  it is 503" in told
    assert "✔" not in told


def test_a_fault_is_followed_to_its_end() -> None:
    fault: dict[str, Any] = {"fault": "1", "name": "cut"}

    assert "cut: injected" in shown(FaultInjected(**fault))
    assert "cut: bites" in shown(
        FaultInjected(**fault), FaultProven(evidence=1, **fault)
    )
    assert "cut: put back, seen gone" in shown(FaultVerified(**fault))


def test_traffic_shows_goodput_and_p99() -> None:
    assert traffic_in_words(SAMPLED) == "shop: 2 of 3 good, p99 2000 ms"
    assert "shop: 2 of 3 good" in shown(SAMPLED)


def test_what_stops_the_run_is_said() -> None:
    told = shown(
        SafeguardTripped(name="room", why="full"),
        RunAborting(cause="safeguard", reason="room: full"),
    )

    assert "safeguard room: full" in told
    assert "stopping: room: full" in told


def test_control_characters_of_a_target_do_not_reach_the_terminal() -> None:
    nasty = ProbeMeasured(
        name="\x1b[2Jx", role="method", verdict="deviated", why="\x07"
    )

    assert all(line.isprintable() for line in shown(nasty).split("\n"))


def test_the_length_of_a_run_is_told_by_its_plan() -> None:
    plan = validate(ROOT / "experiments" / "partition.yaml")

    assert length(plan) == 6 + 10 + 4


@pytest.mark.parametrize("no_color", ["", "1"], ids=["colours", "NO_COLOR"])
def test_a_terminal_gets_the_live_view(tmp_path: Path, no_color: str) -> None:
    path = write(tmp_path, {"perturbations": [{"fault": "none", "for": "600ms"}]})
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": no_color}

    process = subprocess.Popen(
        [sys.executable, "-m", "chaos_mcp.cli", "run", str(path)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    seen = _all(ours)
    out, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "about" in seen
    assert "s left" in seen
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", seen)) == (no_color == "")
    assert b"PASSED" in out


def _all(terminal: int) -> str:
    seen = b""
    try:
        while part := os.read(terminal, 65536):
            seen += part
    except OSError:
        pass  # the other end was closed, which is how a terminal ends
    os.close(terminal)
    return seen.decode("utf-8", "replace")
