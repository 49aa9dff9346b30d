"""What must stay true stops the run when it does not, or cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.engine.safeguards import Safeguards
from chaos_mcp.engine.stop import Stop
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.events import RunAborting, SafeguardTripped
from chaos_mcp.plan.model import Guard, Question, TrafficGuard
from chaos_mcp.workload.schedule import Sample
from tests.engine.test_method import call
from tests.running import only

if TYPE_CHECKING:
    from chaos_mcp.engine.activity import Activities

pytestmark = pytest.mark.anyio


def guard(answer: Any, takes: float = 0.0, timeout: float = 5.0) -> Guard:
    asked = call("room", answer, takes, timeout=timeout)

    def judge(value: Any) -> tuple[Any, str]:
        return ("held", "") if value == "fine" else ("deviated", f"it is {value}")

    return Guard("room", Question(asked, judge), every=1.0)


def on_traffic(limit: float | None = 0.5, row: int | None = None) -> TrafficGuard:
    return TrafficGuard("no blackout", "shop", limit, alpha=0.01, in_a_row=row)


def safeguards(activities: Activities, *guards: Any) -> Safeguards:
    probes = [one for one in guards if isinstance(one, Guard)]
    traffic = [one for one in guards if isinstance(one, TrafficGuard)]
    return Safeguards(probes, traffic, activities, Stop(activities.journal))


def failed(due: float = 0.0) -> Sample:
    return Sample(due, 0.1, "status 503")


async def test_nothing_is_run_over_a_violation_that_is_there_already(
    activities: Activities,
) -> None:
    watched = safeguards(activities, guard("full"))

    begin = await watched.first()

    assert not begin
    assert watched.stop.cause == "safeguard"


async def test_all_is_well_while_every_safeguard_holds(activities: Activities) -> None:
    watched = safeguards(activities, guard("fine"))

    begin = await watched.first()
    with anyio.move_on_after(60):
        await watched.watch()

    assert begin
    assert watched.stop.cause is None


async def test_a_violation_cancels_whatever_blocks(activities: Activities) -> None:
    watched = safeguards(activities, guard("full"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watched.watch)
        with watched.stop.scope:
            await anyio.sleep(3600)
        tasks.cancel_scope.cancel()

    assert activities.journal.now() < 5
    aborted = only(activities.journal.events, RunAborting)[0]
    assert aborted.reason == "room: deviated: it is full"


@pytest.mark.parametrize(
    "silent",
    [guard(ActivityFailed("no route")), guard("fine", takes=60.0, timeout=2.0)],
    ids=["an error", "no answer in time"],
)
async def test_no_answer_is_a_violation(activities: Activities, silent: Guard) -> None:
    watched = safeguards(activities, silent)

    await watched.first()

    assert watched.stop.cause == "safeguard"
    assert "unknown" in only(activities.journal.events, SafeguardTripped)[0].why


async def test_traffic_counts_from_the_first_injection_on(
    activities: Activities,
) -> None:
    watched = safeguards(activities, on_traffic())

    for _ in range(100):
        watched.seen("shop", failed())

    assert watched.stop.cause is None


async def test_too_many_failures_stop_the_run(activities: Activities) -> None:
    watched = safeguards(activities, on_traffic(limit=0.5))
    watched.watched = True

    for _ in range(30):
        watched.seen("shop", failed())

    assert watched.stop.cause == "safeguard"
    why = only(activities.journal.events, SafeguardTripped)[0].why
    assert why == "more than 50% of shop fails (99% sure)"


async def test_failures_of_another_workload_do_not_count(
    activities: Activities,
) -> None:
    watched = safeguards(activities, on_traffic(limit=0.5))
    watched.watched = True

    for _ in range(30):
        watched.seen("bakery", failed())

    assert watched.stop.cause is None


async def test_a_row_of_failures_stops_the_run(activities: Activities) -> None:
    watched = safeguards(activities, on_traffic(limit=None, row=3))
    watched.watched = True

    for sample in (failed(), failed(), Sample(0, 0.1, "ok"), failed(), failed()):
        watched.seen("shop", sample)
    before = watched.stop.cause
    watched.seen("shop", failed())

    assert before is None
    assert only(activities.journal.events, SafeguardTripped)[0].why == (
        "3 requests of shop failed in a row"
    )


async def test_only_the_first_cause_counts(activities: Activities) -> None:
    stop = Stop(activities.journal)

    stop.pull("safeguard", "first")
    stop.pull("signal", "second")

    assert [one.reason for one in only(activities.journal.events, RunAborting)] == [
        "first"
    ]
