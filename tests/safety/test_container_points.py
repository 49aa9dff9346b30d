"""Whatever kills a run that breaks containers, at whatever step: all is put back."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.containers.engine import real
from tests.containers.harbor import Harbor, of_run
from tests.faults.containers import needs
from tests.safety.bench import Bench
from tests.safety.test_crash_points import points, survives

if TYPE_CHECKING:
    from tests.safety.bench import Nursery
    from tests.safety.test_crash_points import Point

__all__ = ["points"]
pytestmark = [pytest.mark.docker, pytest.mark.slow]
DEEDS = ("kill", "both", "stop", "exit", "memory", "guardian")
EVERY = 4
"""How many steps lie between two at which a run dies; `make soak` takes them all."""


@pytest.fixture(scope="module")
def bench(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    real()
    needs("nsenter", "iptables", "stress-ng")
    return Bench(nursery, tmp_path_factory.mktemp("bench"), Harbor)


def chosen(points: list[Point], deed: str) -> list[tuple[Point, str]]:
    """Return steps at which to do a deed: each by name, for one fault or another."""
    every = 1 if os.environ.get("CHAOS_SOAK") else EVERY
    turns: dict[str, list[int]] = {}
    for name, turn in points:
        turns.setdefault(name, []).append(turn)
    each = [
        (name, found[number % len(found)])
        for number, (name, found) in enumerate(turns.items())
    ]
    step = every if deed == "kill" else every * 3
    return [(point, deed) for point in each[DEEDS.index(deed) % step :: step]]


@pytest.mark.alone  # other tests break, and sweep, containers of the same engine
@pytest.mark.timeout(900)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_run_that_breaks_containers_and_dies_leaves_nothing(
    bench: Bench, points: list[Point], deed: str
) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        cases = chosen(points, deed)
        failed = [*filter(None, pool.map(lambda one: survives(bench, *one), cases))]

    assert not failed, "\n\n".join(failed)
    runs = [one.name for one in bench.folder.glob("*/runs/*")]
    assert [of_run(run) for run in runs if of_run(run)] == []
