"""Faults on containers, in a world where everything can go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.errors import ActivityFailed, ChaosError, FaultRefused, UndoFailed
from chaos_mcp.faults.container_kill import ContainerKill
from chaos_mcp.faults.container_pause import ContainerPause
from chaos_mcp.faults.container_stop import ContainerStop
from tests.faults.fake_containers import FakeContainers, world_of

if TYPE_CHECKING:
    from chaos_mcp.faults.base import Memo

pytestmark = pytest.mark.anyio


ALL = {"selection": "all"}


def pausing(**which: Any) -> ContainerPause:
    return ContainerPause.model_validate(which)


@pytest.fixture
def engine() -> FakeContainers:
    made = FakeContainers()
    made.add("web-1", "shop:1", app="shop", tier="web")
    made.add("web-2", "shop:2", app="shop", tier="web")
    made.add("db", "postgres:15", app="shop", chaos_protected="true")
    return made


def names(memo: Memo) -> list[str]:
    return [one["name"] for one in memo["containers"]]


@pytest.mark.parametrize(
    ("which", "hit"),
    [
        ({"container": "web-1"}, ["web-1"]),
        ({"container": "web-*", "scope": ALL}, ["web-1", "web-2"]),
        ({"container": f"{2:064x}"}, ["web-2"]),
        ({"label": "tier=web", "scope": ALL}, ["web-1", "web-2"]),
        ({"label": ["app", "tier"], "scope": ALL}, ["web-1", "web-2"]),
        ({"image": "shop:*", "scope": ALL}, ["web-1", "web-2"]),
        ({"image": "shop:2", "label": "app"}, ["web-2"]),
        ({"label": "app=shop", "scope": ALL}, ["web-1", "web-2"]),
    ],
)
async def test_containers_are_chosen_by_what_they_are(
    engine: FakeContainers, which: dict[str, Any], hit: list[str]
) -> None:
    memo = await pausing(**which).arm(world_of(engine))

    assert names(memo) == hit


async def test_compose_knows_its_containers_by_project_and_service() -> None:
    engine = FakeContainers()
    for service in ("web", "db"):
        engine.add(
            f"shop-{service}-1",
            com_docker_compose_project="shop",
            com_docker_compose_service=service,
        )

    memo = await pausing(**{"compose-project": "shop", "compose-service": "web"}).arm(
        world_of(engine)
    )

    assert names(memo) == ["shop-web-1"]


async def test_a_name_of_the_experiment_means_the_run_s_own_container() -> None:
    engine = FakeContainers()
    theirs = {"chaos_run": "other", "chaos_part": "store"}
    engine.add("chaos-other-store", **theirs)
    ours = engine.add("chaos-run-store", chaos_run="run", chaos_part="store")

    memo = await pausing(container="store").arm(world_of(engine))

    assert [one["id"] for one in memo["containers"]] == [ours.id]


@pytest.mark.parametrize(
    ("which", "bounds", "why"),
    [
        ({"container": "db"}, {}, "protected by its label"),
        ({"container": "web-1"}, {"protect": ("web-*",)}, "blast-radius: protect"),
        ({"label": "app"}, {"protect": ("web-*",)}, "web-2: protected"),
        ({"container": "web-*"}, {}, r"2 match .*: web-1, web-2; say how many"),
        (
            {"container": "web-*", "scope": ALL},
            {"most": 1},
            r"2 targets .*: web-1, web-2",
        ),
        ({"container": "web-2"}, {"targets": ("web-1",)}, "does not name web-2"),
        ({"container": "wbe"}, {}, "there is no container wbe"),
        ({"image": "nginx"}, {}, "there is no container image=nginx"),
    ],
)
async def test_what_may_not_be_hit_is_refused_by_name(
    engine: FakeContainers, which: dict[str, Any], bounds: dict[str, Any], why: str
) -> None:
    with pytest.raises(FaultRefused, match=why):
        await pausing(**which).arm(world_of(engine, **bounds))


async def test_the_container_that_we_run_in_is_never_hit(
    engine: FakeContainers,
) -> None:
    engine.us = f"{1:064x}"

    memo = await pausing(label="tier=web", scope=ALL).arm(world_of(engine))

    assert names(memo) == ["web-2"]
    with pytest.raises(FaultRefused, match="web-1: we run in it ourselves"):
        await pausing(container="web-1").arm(world_of(engine))


async def test_another_run_s_containers_and_tools_are_never_hit() -> None:
    engine = FakeContainers()
    engine.add("theirs", app="shop", chaos_run="other")
    engine.add("tool", app="shop", chaos_owner="chaos-run-1", chaos_run="run")

    with pytest.raises(FaultRefused, match="theirs: it belongs to the run other"):
        await pausing(label="app").arm(world_of(engine))


async def test_half_of_them_are_drawn_by_the_seed(engine: FakeContainers) -> None:
    half = pausing(label="tier=web", scope={"percentage": "50%"})

    drawn = [
        names(await half.arm(world_of(engine, chance=str(seed)))) for seed in range(20)
    ]

    assert {len(one) for one in drawn} == {1}
    assert {one[0] for one in drawn} == {"web-1", "web-2"}


def test_somebody_has_to_be_named() -> None:
    with pytest.raises(ValidationError, match="say which"):
        pausing(scope={"count": 1})


async def test_one_that_cannot_be_put_back_does_not_keep_the_others(
    engine: FakeContainers,
) -> None:
    world, fault = world_of(engine), pausing(container="web-*", scope=ALL)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    engine.deaf = {f"{1:064x}"}

    with pytest.raises(ChaosError, match="nothing with web-1"):
        await fault.undo(world, memo)

    assert [one.status for one in engine.there.values()][:2] == ["paused", "running"]
    with pytest.raises(UndoFailed, match="web-1 is still paused"):
        await fault.verify(world, memo)


async def test_a_container_that_was_started_anew_and_paused_by_others_is_theirs(
    engine: FakeContainers,
) -> None:
    world, fault = world_of(engine), pausing(container="web-1")
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    one = engine.there[f"{1:064x}"]
    engine.there[one.id] = replace(one, status="paused", started="day 3")

    await fault.undo(world, memo)

    assert engine.there[one.id].status == "paused"
    assert await fault.verify(world, memo) == {"web-1": "paused"}


async def test_what_another_engine_never_had_is_not_called_gone(
    engine: FakeContainers,
) -> None:
    world, fault = world_of(engine), pausing(container="web-1")
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    other = FakeContainers(id="ANOTHER")

    with pytest.raises(UndoFailed, match="another engine answers"):
        await fault.verify(world_of(other), memo)


async def test_a_container_that_removes_itself_is_not_ended(
    engine: FakeContainers,
) -> None:
    one = engine.there[f"{1:064x}"]
    engine.there[one.id] = replace(one, removes_itself=True)

    with pytest.raises(FaultRefused, match="could not be started again"):
        await ContainerKill(container="web-1").arm(world_of(engine))


async def test_one_that_was_asked_to_end_and_has_not_yet_is_ended_and_started(
    engine: FakeContainers,
) -> None:
    world, fault = world_of(engine), ContainerStop(container="web-1")
    memo = await fault.arm(world)
    engine.about_to_end = {f"{1:064x}"}

    await fault.undo(world, memo)

    assert engine.done == ["web-1 exited", "web-1 running"]
    assert engine.there[f"{1:064x}"].started == "day 2"


async def test_one_that_does_not_end_in_time_is_killed(
    engine: FakeContainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    async def kill(_: Any, container: str, number: str) -> None:
        sent.append(number)
        if number == "SIGKILL":
            engine.there[container] = replace(engine.there[container], status="exited")

    monkeypatch.setattr(FakeContainers, "kill", kill)
    world, fault = world_of(engine), ContainerStop(container="web-1", grace="50ms")
    memo = await fault.arm(world)

    with anyio.fail_after(5):
        await fault.inject(world, memo)

    assert sent == ["SIGTERM", "SIGKILL"]


async def test_an_engine_that_refuses_says_so_of_each(engine: FakeContainers) -> None:
    world, fault = world_of(engine), pausing(container="web-*", scope=ALL)
    memo = await fault.arm(world)
    engine.deaf = {f"{1:064x}", f"{2:064x}"}

    with pytest.raises(ActivityFailed, match=r"web-1.*web-2|web-2.*web-1"):
        await fault.inject(world, memo)
