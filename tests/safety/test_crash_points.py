"""Whatever kills the runner, at whatever step: everything is put back.

The steps are not chosen but counted: a run is traced once, and then dies at each.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.safety.bench import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.safety.bench import Bench, Victim

Point = tuple[str, int]


@pytest.fixture(scope="module")
def points(bench: Bench) -> list[Point]:
    """Return every step that a run passes, as the how-manieth of its name."""
    trace = bench.folder / "trace"
    victim = bench.start(f"trace:{trace}")
    try:
        assert victim.wait() == 0, victim.told()
    finally:
        victim.close()
    passed: Counter[str] = Counter()
    found = []
    for name in trace.read_text("utf-8").splitlines():
        passed[name] += 1
        found.append((name, passed[name]))
    return found


def test_the_steps_are_those_that_matter(points: list[Point]) -> None:
    names = {name for name, _ in points}

    assert names >= {
        *("arm", "write fault.armed", "written fault.armed", "sync", "synced"),
        *("inject", "injected", "write fault.injected", "written fault.injected"),
        *("prove", "write fault.proven", "written fault.proven"),
        *("undo", "undone", "verify", "verified"),
        *("write fault.undoing", "write fault.undone", "write fault.verified"),
        *("write run.ended", "written run.ended"),
    }


def dies(victim: Victim) -> None:
    """Let the runner die by itself, and others put everything back."""
    assert victim.wait() is not None, "it did not end"
    all_put_back(victim)


def all_put_back(victim: Victim) -> None:
    assert victim.until(victim.as_before), "the world is not as it was"
    assert victim.until(victim.closed), "the journal says that something is open"


def hangs(victim: Victim) -> None:
    """Let it hang; what it has armed is taken back after a lease."""
    assert victim.until(victim.stopped), "it did not stop"
    victim.wait(LEASE * 3)
    victim.kill()
    all_put_back(victim)


def recovers(victim: Victim) -> None:
    """Let both die; `chaos recover` finishes the job."""
    assert victim.wait() is not None, "it did not end"
    victim.recover()
    all_put_back(victim)


DEEDS: dict[str, Callable[[Victim], None]] = {
    "kill": dies,
    "exit": dies,
    "term": dies,
    "raise": dies,
    "memory": dies,
    "guardian": dies,
    "stop": hangs,
    "both": recovers,
}


def chosen(points: list[Point], deed: str) -> list[Point]:
    """Return the steps at which to do a deed; `make soak` does each at every step.

    SIGKILL meets every step by its name, now for one fault and now for another; the
    other deeds share the steps between them.
    """
    if os.environ.get("CHAOS_SOAK"):
        return points
    turns: dict[str, list[int]] = {}
    for name, turn in points:
        turns.setdefault(name, []).append(turn)
    once = [
        (name, each[number % len(each)])
        for number, (name, each) in enumerate(turns.items())
    ]
    if deed == "kill":
        return once
    return once[list(DEEDS).index(deed) :: len(DEEDS) - 1]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_run_that_dies_at_any_step_leaves_nothing(
    bench: Bench, points: list[Point], deed: str
) -> None:
    at_once = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        cases = [(bench, point, deed) for point in chosen(points, deed)]
        failed = [one for one in pool.map(lambda case: survives(*case), cases) if one]

    assert not failed, "\n\n".join(failed)


def survives(bench: Bench, point: Point, deed: str) -> str:
    """Let a run die at a point; return what went wrong afterwards."""
    name, turn = point
    victim = bench.start(f"{name}:{turn}:{deed}")
    try:
        DEEDS[deed](victim)
        again = victim.recover()
        assert again is None or not again.did, "recovering again did something"
    except Exception as error:  # noqa: BLE001 - told with the others
        why = str(error).partition("\n")[0] or type(error).__name__
        return f"{deed} at {name} ({turn}): {why}\n{victim.told()}"
    finally:
        victim.close()
    return ""
