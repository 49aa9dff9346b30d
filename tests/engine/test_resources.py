"""What is used is measured while a run goes on; what cannot be known is unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.adapters.containers import ContainerSeen
from chaos_mcp.adapters.usage import ProcessUsage
from chaos_mcp.engine.gauges import ANEW, ENDED, NOT_RUNNING, SILENT, Gauge, OfContainer
from chaos_mcp.engine.resources import EVERY
from chaos_mcp.errors import ActivityFailed, PartMissing
from chaos_mcp.events import ResourcesMeasured
from tests.running import only, run

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.gauges import Usage
    from chaos_mcp.events import Event, Used

pytestmark = pytest.mark.anyio
STORE = {"name": "store", "command": ["python", "-m", "chaos_mcp.demo.store"]}


@dataclass
class Told:
    """A meter that reads what it was given, one after another."""

    figures: list[ProcessUsage | str]

    async def read(self) -> Usage:
        found = self.figures.pop(0)
        if isinstance(found, str):
            raise ActivityFailed(found)
        return found


def gauge(*figures: ProcessUsage | str) -> Gauge:
    return Gauge("process", "store", Told(list(figures)))


async def looks(one: Gauge, times: int) -> list[Used | None]:
    return [await one.look() for _ in range(times)]


async def test_the_first_look_tells_nothing_yet_and_the_second_what_was_used() -> None:
    first, second = await looks(gauge(ProcessUsage(1.0, 8), ProcessUsage(1.5, 9)), 2)

    assert first is None
    assert second is not None
    assert second.cores is not None
    assert second.cores > 0
    assert second.memory == 9


async def test_what_cannot_be_read_is_unknown_and_not_nought() -> None:
    _, second = await looks(gauge(ProcessUsage(1.0, 8), "nobody knows"), 2)

    assert second is not None
    assert (second.cores, second.memory, second.why) == (None, None, "nobody knows")


async def test_after_a_gap_it_is_measured_from_anew() -> None:
    found = gauge("nobody knows", ProcessUsage(100.0, 8), ProcessUsage(100.0, 8))

    _, second, third = await looks(found, 3)

    assert second is None
    assert third is not None
    assert third.cores == 0.0


async def test_time_that_became_less_is_unknown_and_its_memory_known() -> None:
    _, second = await looks(gauge(ProcessUsage(5.0, 8), ProcessUsage(0.1, 9)), 2)

    assert second is not None
    assert (second.cores, second.memory, second.why) == (None, 9, ANEW)


def seen(status: str) -> ContainerSeen:
    return ContainerSeen("id", "web", "image", {}, status, "2026")


@dataclass
class Engine:
    """An engine with one container."""

    state: ContainerSeen | None = field(default_factory=lambda: seen("running"))
    used: ProcessUsage | None = field(default_factory=lambda: ProcessUsage(1.0, 8))
    missing: str = ""
    asked: int = 0

    async def look(self, name: str) -> ContainerSeen | None:
        assert name == "chaos-r-web"
        self.asked += 1
        if self.missing:
            raise PartMissing(self.missing)
        return self.state

    async def usage(self, one: ContainerSeen) -> ProcessUsage | None:
        assert one is self.state
        return self.used


def meter(engine: Engine) -> OfContainer:
    made: Any = engine
    return OfContainer(made, "chaos-r-web")


async def test_a_container_is_looked_up_once_and_read_often() -> None:
    engine = Engine()
    one = meter(engine)

    found = [await one.read() for _ in range(3)]

    assert found == [ProcessUsage(1.0, 8)] * 3
    assert engine.asked == 1


@pytest.mark.parametrize(
    "engine",
    [
        Engine(state=None),
        Engine(state=seen("exited")),
        Engine(used=None),
        Engine(used=ProcessUsage(0.0, 0)),
    ],
)
async def test_a_container_without_figures_is_unknown_and_looked_up_again(
    engine: Engine,
) -> None:
    one = meter(engine)
    for _ in range(2):
        with pytest.raises(ActivityFailed, match=NOT_RUNNING):
            await one.read()
    assert engine.asked == 2

    engine.state, engine.used = seen("running"), ProcessUsage(2.0, 9)

    assert await one.read() == ProcessUsage(2.0, 9)


async def test_an_engine_that_is_silent_is_left_alone_for_a_while() -> None:
    engine = Engine(missing="nobody listens")
    one = meter(engine)

    with pytest.raises(ActivityFailed, match="nobody listens"):
        await one.read()
    with pytest.raises(ActivityFailed, match=SILENT):
        await one.read()
    assert engine.asked == 1


def used(events: tuple[Event, ...], name: str) -> list[Used]:
    told = only(events, ResourcesMeasured)
    return [one for look in told for one in look.used if one.name == name]


def test_a_run_tells_what_it_and_its_processes_use(tmp_path: Path) -> None:
    wait = {"action": "process", "name": "wait", "command": ["sleep", f"{3 * EVERY}"]}

    result = run(tmp_path, {"system": {"processes": [STORE]}, "perturbations": [wait]})

    events = result.reading.events
    for name in ("runner", "store"):
        found = used(events, name)
        assert len(found) >= 2
        assert all(one.memory and one.memory > 2**20 for one in found)
        assert all(one.cores is not None and one.cores >= 0 for one in found)


def test_a_process_that_has_died_is_unknown_from_then_on(tmp_path: Path) -> None:
    kill = {
        "action": "process",
        "name": "kill",
        "command": ["sh", "-c", f"sleep {2.5 * EVERY}; kill -9 ${{store.pid}}"],
    }
    wait = {"action": "process", "name": "wait", "command": ["sleep", f"{2.5 * EVERY}"]}

    result = run(
        tmp_path, {"system": {"processes": [STORE]}, "perturbations": [kill, wait]}
    )

    first, *_, last = used(result.reading.events, "store")
    assert first.memory
    assert (last.cores, last.memory, last.why) == (None, None, ENDED)
    assert used(result.reading.events, "runner")[-1].memory


def test_a_run_of_nothing_but_probes_is_not_measured(tmp_path: Path) -> None:
    result = run(tmp_path, {"perturbations": []})

    assert only(result.reading.events, ResourcesMeasured) == []
