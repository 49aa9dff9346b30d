"""Whole runs on real processes, proxies and sockets: all is undone, always."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from chaos_mcp.events import (
    ActionFinished,
    FaultInjected,
    FaultProven,
    FaultVerified,
    HypothesisJudged,
    PartStarted,
    PartStopped,
    PhaseStarted,
    ProbeMeasured,
    RunAborting,
    SafeguardTripped,
    WorkloadSampled,
)
from tests.running import kinds, only, run

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE = {
    "name": "store",
    "command": ["python", "-m", "chaos_mcp.demo.store"],
}
PROXIED = {
    "processes": [STORE],
    "proxies": [{"name": "cache", "upstream": "${store.address}"}],
}
PINGING = """
import socket
with socket.create_connection(("${proxy.cache.host}", ${proxy.cache.port})) as one:
    one.sendall(b"PING\\r\\n")
"""
PING = {
    "action": "process",
    "name": "go through the proxy",
    "command": [
        sys.executable,
        "-c",
        PINGING,
    ],
}
CUT = {"fault": "network.partition", "proxy": "cache"}
BLOCKS: dict[str, dict[str, Any]] = {
    "a sleeping thread": {
        "type": "action",
        "name": "block",
        "provider": {
            "type": "python",
            "module": "multiprocessing.connection",
            "func": "wait",
            "arguments": {"object_list": [], "timeout": 30},
        },
    },
    "a process": {"action": "process", "name": "block", "command": ["sleep", "30"]},
}


@contextmanager
def hanging_server() -> Iterator[str]:
    """Accept requests and answer none."""
    ending = threading.Event()

    class Hanging(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ending.wait(60)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hanging)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_cut_that_met_traffic_is_proven_undone_and_verified(tmp_path: Path) -> None:
    result = run(tmp_path, {"system": PROXIED, "perturbations": [CUT, PING]})

    events = result.reading.events
    evidence = only(events, FaultProven)[0].evidence
    assert result.verdict == "PASSED"
    assert evidence["dropped_bytes"] == len("PING\r\n")
    assert only(events, FaultVerified)[0].evidence["toxics"] == 0


def test_a_cut_that_met_no_traffic_is_not_a_pass(tmp_path: Path) -> None:
    cut = {**CUT, "for": "300ms"}

    result = run(tmp_path, {"system": PROXIED, "perturbations": [cut]})

    assert (result.verdict, result.exit_code) == ("INCONCLUSIVE", 4)


def violated(block: dict[str, Any], marker: Path) -> dict[str, Any]:
    """Return a run in which a safeguard is violated while an action blocks."""
    return {
        "system": PROXIED,
        "safeguards": [
            {
                "name": "no marker",
                "probe": "process",
                "command": ["test", "-e", str(marker)],
                "expect": {"exit_code": 1},
                "every": "50ms",
            }
        ],
        "perturbations": [
            CUT,
            {"action": "process", "command": ["touch", str(marker)]},
            block,
        ],
    }


def reaction(events: Any) -> float:
    """Return seconds from the violation being seen to everything verified."""
    tripped = only(events, SafeguardTripped)[0]
    return float(only(events, FaultVerified)[-1].at - tripped.at)


def blocked(events: Any) -> bool:
    """Tell whether the action was still under way when the safeguard tripped."""
    [end] = [one.at for one in only(events, ActionFinished) if one.name == "block"]
    return bool(end >= only(events, SafeguardTripped)[0].at)


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_safeguard_undoes_everything_while_an_action_blocks(
    tmp_path: Path, block: dict[str, Any]
) -> None:
    began = time.monotonic()

    result = run(tmp_path, violated(block, tmp_path / "marker"))

    assert (result.verdict, result.exit_code) == ("ABORTED", 3)
    assert only(result.reading.events, RunAborting)[0].cause == "safeguard"
    assert blocked(result.reading.events)
    assert reaction(result.reading.events) < 2
    assert time.monotonic() - began < 25


def test_a_safeguard_undoes_everything_while_a_request_hangs(tmp_path: Path) -> None:
    with hanging_server() as url:
        block = {"action": "http", "name": "block", "url": url, "timeout": "30s"}

        result = run(tmp_path, violated(block, tmp_path / "marker"))

    assert result.verdict == "ABORTED"
    assert blocked(result.reading.events)
    assert reaction(result.reading.events) < 2


@pytest.mark.alone
def test_the_reaction_to_a_violation_is_quick_in_the_middle(tmp_path: Path) -> None:
    block = BLOCKS["a sleeping thread"]

    times = [
        reaction(
            run(tmp_path / str(n), violated(block, tmp_path / f"m{n}")).reading.events
        )
        for n in range(3)
    ]

    # The aim is 50 ms; the bound leaves room for a busy machine.
    assert statistics.median(times) < 0.5


def test_a_blocked_command_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    nap = f"sleep 31.{tmp_path.name.__hash__() % 10**6:06d}"
    block = {"action": "process", "command": ["sh", "-c", f"{nap} & {nap}"]}

    run(tmp_path, violated(block, tmp_path / "marker"))

    left = [
        one.pid
        for one in psutil.process_iter(["cmdline"])
        if nap.split() == (one.info["cmdline"] or [])
    ]
    assert left == []


def test_the_deadline_of_the_run_ends_it(tmp_path: Path) -> None:
    experiment = {
        "system": PROXIED,
        "deadline": "6s",
        "perturbations": [{**CUT, "for": "1m"}],
    }

    result = run(tmp_path, experiment)

    assert only(result.reading.events, RunAborting)[0].cause == "deadline"
    assert only(result.reading.events, FaultVerified)


def test_faults_may_not_stand_longer_than_the_blast_radius_says(tmp_path: Path) -> None:
    experiment = {
        "system": PROXIED,
        "blast-radius": {"max-duration": "1s"},
        "perturbations": [CUT, BLOCKS["a process"]],
    }

    result = run(tmp_path, experiment)

    assert result.verdict == "ABORTED"
    assert only(result.reading.events, RunAborting)[0].cause == "deadline"
    assert only(result.reading.events, FaultVerified)


def test_a_steady_state_that_is_not_there_lets_nothing_be_injected(
    tmp_path: Path,
) -> None:
    experiment = {
        "system": PROXIED,
        "steady-state-hypothesis": {
            "probes": [
                {"probe": "process", "command": ["false"], "expect": {"exit_code": 0}}
            ]
        },
        "perturbations": [{**CUT, "for": "1s"}],
    }

    result = run(tmp_path, experiment)

    assert (result.verdict, result.exit_code) == ("INCONCLUSIVE", 4)
    assert not only(result.reading.events, FaultInjected)


def test_a_deviation_during_the_harm_fails_the_run(tmp_path: Path) -> None:
    experiment = {
        "system": PROXIED,
        "steady-state-hypothesis": {
            "every": "100ms",
            "probes": [
                {
                    "name": "the proxy is clean",
                    "probe": "proxy.state",
                    "proxy": "cache",
                    "expect": {"toxics": {"equals": []}},
                }
            ],
        },
        "perturbations": [CUT, PING],
    }

    result = run(tmp_path, experiment)

    judged = {
        one.when: one.verdict for one in only(result.reading.events, HypothesisJudged)
    }
    assert judged == {"before": "held", "during": "deviated", "after": "held"}
    assert (result.verdict, result.exit_code) == ("FAILED", 1)


def test_rollbacks_run_after_an_abort_and_one_that_fails_stops_no_other(
    tmp_path: Path,
) -> None:
    marker, done = tmp_path / "marker", tmp_path / "done"
    experiment = {
        **violated(BLOCKS["a process"], marker),
        "rollbacks": [
            {"action": "process", "name": "broken", "command": ["false"]},
            {"action": "process", "name": "fine", "command": ["touch", str(done)]},
        ],
    }

    result = run(tmp_path, experiment)

    actions = only(result.reading.events, ActionFinished)
    rollbacks = [(one.name, one.status) for one in actions if one.role == "rollback"]
    assert rollbacks == [("broken", "failed"), ("fine", "succeeded")]
    assert done.exists()
    assert result.verdict == "UNSAFE", "what the user wanted undone may not be"


def test_rollbacks_do_not_run_where_nothing_was_done(tmp_path: Path) -> None:
    done = tmp_path / "done"
    experiment = {
        "steady-state-hypothesis": {
            "probes": [
                {"probe": "process", "command": ["false"], "expect": {"exit_code": 0}}
            ]
        },
        "perturbations": [{"action": "process", "command": ["true"]}],
        "rollbacks": [{"action": "process", "command": ["touch", str(done)]}],
    }

    run(tmp_path, experiment)

    assert not done.exists()


def test_the_system_is_ended_with_the_run(tmp_path: Path) -> None:
    result = run(tmp_path, {"system": PROXIED, "perturbations": []})

    events = result.reading.events
    pids = [one.pid for one in only(events, PartStarted) if one.pid]
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert all(one.clean for one in only(events, PartStopped))


def test_a_process_that_does_not_become_ready_ends_the_run_with_its_last_words(
    tmp_path: Path,
) -> None:
    silent = {
        "name": "mute",
        "command": ["python", "-c", "print('I am lost'); import time; time.sleep(60)"],
        "within": "1s",
    }

    result = run(tmp_path, {"system": {"processes": [silent]}, "perturbations": []})

    reason = only(result.reading.events, RunAborting)[0].reason
    assert "system.processes.mute: not ready after 1 s" in reason
    assert not only(result.reading.events, PhaseStarted)
    assert result.verdict == "ABORTED"


def test_a_process_that_dies_while_starting_is_noticed_at_once(tmp_path: Path) -> None:
    dying = {"name": "brief", "command": ["python", "-c", "raise SystemExit('oh no')"]}

    result = run(tmp_path, {"system": {"processes": [dying]}, "perturbations": []})

    reason = only(result.reading.events, RunAborting)[0].reason
    assert "it ended with exit code 1" in reason
    assert "oh no" in reason


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = {"name": "ghost", "command": ["no-such-program"]}

    result = run(tmp_path, {"system": {"processes": [missing]}, "perturbations": []})

    reason = only(result.reading.events, RunAborting)[0].reason
    assert "there is no program 'no-such-program'" in reason


def test_the_same_seed_draws_the_same_faults(tmp_path: Path) -> None:
    faults = [{"fault": "none", "for": "1ms", "probability": 0.5} for _ in range(12)]

    first = run(tmp_path / "a", {"perturbations": faults}, seed=7)
    again = run(tmp_path / "b", {"perturbations": faults}, seed=7)
    other = run(tmp_path / "c", {"perturbations": faults}, seed=8)

    assert kinds(first.reading.events) == kinds(again.reading.events)
    assert kinds(first.reading.events) != kinds(other.reading.events)


def test_configuration_that_a_probe_gives_is_used(tmp_path: Path) -> None:
    experiment = {
        "configuration": {
            "word": {
                "type": "probe",
                "name": "ask",
                "provider": {"type": "process", "path": "echo", "arguments": "hello"},
            }
        },
        "perturbations": [
            {
                "probe": "process",
                "name": "say it",
                "command": ["echo", "${word}"],
                "expect": {"stdout": "/hello/"},
            }
        ],
    }

    result = run(tmp_path, experiment)

    assert only(result.reading.events, ProbeMeasured)[0].verdict == "held"


def test_traffic_is_written_down_each_second(tmp_path: Path) -> None:
    shop = {
        "name": "web",
        "command": [
            "python",
            "-m",
            "http.server",
            "${web.port}",
            "--bind",
            "127.0.0.1",
        ],
    }
    experiment = {
        "system": {"processes": [shop]},
        "workload": [
            {"name": "visit", "http": {"url": "http://${web.address}/"}, "rate": "20/s"}
        ],
        "baseline": {"for": "2s", "warm-up": "0"},
        "recovery": {"within": "3s", "hold": "1s"},
        "perturbations": [{"fault": "none", "for": "1s"}],
    }

    result = run(tmp_path, experiment)

    results = [
        one
        for event in only(result.reading.events, WorkloadSampled)
        for one in event.result
    ]
    assert set(results) == {"ok"}
    assert len(results) > 50


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return what is brought to the disk from now on, in order."""
    found: list[Path] = []

    def fsync(handle: int) -> None:
        found.append(Path(f"/proc/self/fd/{handle}").resolve())

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def test_a_run_that_can_leave_nothing_waits_for_the_disk_once(
    tmp_path: Path, synced: list[Path]
) -> None:
    asked = {"probe": "process", "command": ["true"]}

    result = run(tmp_path, {"perturbations": [asked]})

    assert synced == [result.folder / "events.jsonl"]


def test_a_run_that_may_leave_a_fault_can_be_found_after_the_machine_has_crashed(
    tmp_path: Path, synced: list[Path]
) -> None:
    result = run(tmp_path, {"perturbations": [{"fault": "none", "for": "1ms"}]})

    first = synced.index(result.folder / "events.jsonl")
    assert result.run in synced[0].name, "the entry in the index comes first"
    assert synced[first + 1 : first + 3] == [result.folder, result.folder.parent]
