"""Probes of containers, on a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.adapters.world import Bounds, World
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.registry import Registry
from tests.containers.engine import Container, container

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.docker]
TALKS = "echo one; echo ERROR two; echo three; yes > /dev/null"


async def ask(kind: str, target: str, run: str = "", **how: Any) -> Any:
    cls = Registry().get("probe", kind).load()
    probe = cls.model_validate({"container": target, **how})
    return await probe.ask(World(bounds=Bounds(run=run)))


@pytest.fixture(scope="module")
def busy() -> Iterator[Container]:
    """Give a container that writes three lines, and then works as hard as it may."""
    host = {"network_mode": "none", "nano_cpus": 2 * 10**8, "mem_limit": "64m"}
    labels = {"chaos.run": "it", "chaos.part": "shop"}
    with container("sh", "-c", TALKS, labels=labels, host=host) as one:
        yield one


async def test_its_state_is_what_the_engine_says(busy: Container) -> None:
    found = await ask("container.state", busy.name)

    state = busy.said()["State"]
    assert (found["status"], found["started"]) == ("running", state["StartedAt"])
    assert (found["cores"], found["memory"]) == (0.2, 64 * 2**20)


async def test_the_experiment_s_own_name_will_do_in_its_run(busy: Container) -> None:
    started = busy.said()["State"]["StartedAt"]

    assert (await ask("container.state", "shop", "it"))["started"] == started
    with pytest.raises(ActivityFailed, match="there is no container shop"):
        await ask("container.state", "shop", "another")


async def test_its_use_of_the_machine_is_measured(busy: Container) -> None:
    found = await ask("container.stats", busy.id, over="500ms")

    assert 0.02 < found["cores"] < 0.3
    assert 0 < found["memory"] < 32 * 2**20
    assert found["share"] == pytest.approx(found["memory"] / 2**26, abs=1e-3)


async def test_its_lines_are_counted_by_a_pattern(busy: Container) -> None:
    with anyio.fail_after(10):
        while (await ask("container.logs", busy.id))["count"] < 3:  # noqa: ASYNC110
            await anyio.sleep(0.05)

    errors = await ask("container.logs", busy.id, pattern="^ERROR")

    assert errors == {"count": 1, "last": "ERROR two"}


async def test_without_a_health_check_nobody_knows_its_health(busy: Container) -> None:
    with pytest.raises(ActivityFailed, match="no health check"):
        await ask("container.health", busy.id)


async def test_its_health_is_what_its_own_check_says() -> None:
    check = {"test": ["CMD", "true"], "interval": 100_000_000}
    with container(healthcheck=check, host={"network_mode": "none"}) as one:
        with anyio.fail_after(10):
            while await ask("container.health", one.id) != "healthy":  # noqa: ASYNC110
                await anyio.sleep(0.05)


async def test_what_does_not_run_uses_nothing(busy: Container) -> None:
    del busy
    with container("true", host={"network_mode": "none"}) as one:
        one.wait_for("exited")

        with pytest.raises(ActivityFailed, match="does not run"):
            await ask("container.stats", one.id)
