"""A fault is written down before it harms, and always taken back."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.engine.undoing import SHORT, words
from chaos_mcp.errors import ActivityFailed, JournalFailed
from chaos_mcp.events import (
    FaultArmed,
    FaultFailed,
    FaultUndoFailed,
    FaultUndone,
    FaultUnproven,
    FaultVerified,
)
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.engine.fakes import Doors, harm
from tests.running import kinds, only

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.injection import Inflicted, Injections

pytestmark = pytest.mark.anyio


async def inflicted(injections: Injections, door: str, number: int = 1) -> Inflicted:
    standing = await injections.inflict(harm(door, number))
    assert standing is not None
    return standing


async def test_what_undoing_needs_is_on_the_disk_before_the_harm(
    injections: Injections, doors: Doors, tmp_path: Path
) -> None:
    seen: list[str] = []
    doors.on_inject = lambda: seen.extend(kinds(read(tmp_path)))

    await inflicted(injections, "front")

    assert seen == ["fault.armed"]


async def test_a_harm_that_comes_after_the_answer_was_given_up_is_taken_back(
    injections: Injections, doors: Doors
) -> None:
    doors.late = {"front"}

    assert await injections.inflict(harm("front")) is None

    assert not doors.opened
    assert len(only(injections.journal.events, FaultUndone)) == 1
    assert not open_faults(injections.journal.events)


async def test_the_armed_event_can_make_the_fault_again(
    injections: Injections,
) -> None:
    await inflicted(injections, "front")

    armed = only(injections.journal.events, FaultArmed)[0]

    assert armed.spec == {"fault": "door.open", "door": "front"}
    assert armed.memo == {"door": "front"}
    assert armed.owner == "chaos-test-run-1"
    assert armed.expires > armed.wall


async def test_a_fault_goes_through_its_verbs_in_order(
    injections: Injections, doors: Doors
) -> None:
    standing = await inflicted(injections, "front")
    await injections.prove(standing)

    undone = await injections.undo(standing)

    assert undone
    assert doors.opened == set()
    assert kinds(injections.journal.events) == [
        "fault.armed",
        "fault.injected",
        "fault.proven",
        "fault.undoing",
        "fault.undone",
        "fault.verified",
    ]


async def test_undoing_twice_is_undoing_once(
    injections: Injections, doors: Doors
) -> None:
    standing = await inflicted(injections, "front")
    await injections.undo(standing)

    await injections.undo(standing)

    assert doors.log == ["open front", "close front"]


async def test_faults_are_taken_back_newest_first(
    injections: Injections, doors: Doors
) -> None:
    await inflicted(injections, "front", 1)
    await inflicted(injections, "back", 2)

    await injections.undo_all()

    assert doors.log[2:] == ["close back", "close front"]


async def test_a_failing_undo_does_not_keep_the_others_from_being_tried(
    injections: Injections, doors: Doors
) -> None:
    doors.undo_fails["back"] = 99
    await inflicted(injections, "front", 1)
    await inflicted(injections, "back", 2)

    all_undone = await injections.undo_all()

    assert not all_undone
    assert doors.opened == {"back"}
    assert [one.name for one in open_faults(injections.journal.events)] == [
        "open the back door"
    ]


async def test_an_undo_that_fails_at_first_is_tried_again(
    injections: Injections, doors: Doors
) -> None:
    doors.undo_fails["front"] = 2
    standing = await inflicted(injections, "front")

    undone = await injections.undo(standing)

    assert undone
    failures = only(injections.journal.events, FaultUndoFailed)
    assert [one.attempt for one in failures] == [1, 2]
    assert failures[0].error == "front is jammed"


async def test_a_fault_that_says_it_is_gone_and_is_not_stays_open(
    injections: Injections, doors: Doors
) -> None:
    doors.stuck.add("front")
    standing = await inflicted(injections, "front")

    undone = await injections.undo(standing)

    assert not undone
    assert only(injections.journal.events, FaultUndone)
    assert not only(injections.journal.events, FaultVerified)
    assert open_faults(injections.journal.events)


async def test_less_patience_means_fewer_attempts_and_never_none(
    injections: Injections, doors: Doors
) -> None:
    doors.undo_fails["front"] = 99
    standing = await inflicted(injections, "front")
    injections.patience = SHORT

    await injections.undo(standing)

    assert doors.log.count("close front") == SHORT.attempts


async def test_a_fault_cancelled_half_way_through_its_injection_is_undone(
    injections: Injections, doors: Doors
) -> None:
    doors.slow = 5.0
    with anyio.move_on_after(1):
        await injections.inflict(harm("front"))
    assert doors.opened == {"front"}

    await injections.undo_all()

    assert doors.opened == set()
    assert not open_faults(injections.journal.events)


async def test_cancelling_does_not_stop_an_undo(
    injections: Injections, doors: Doors
) -> None:
    standing = await inflicted(injections, "front")
    with anyio.CancelScope() as scope:
        scope.cancel()

        await injections.undo(standing)

    assert doors.opened == set()
    assert only(injections.journal.events, FaultVerified)


async def test_a_refusal_to_arm_harms_nothing(
    injections: Injections, doors: Doors
) -> None:
    doors.refuses.add("front")

    standing = await injections.inflict(harm("front"))

    assert standing is None
    failed = only(injections.journal.events, FaultFailed)[0]
    assert (failed.step, failed.error) == ("arm", "front is open already")
    assert not injections.standing


async def test_an_injection_that_fails_is_undone_at_once(
    injections: Injections, doors: Doors
) -> None:
    doors.breaks = ActivityFailed("the hinge broke")

    standing = await injections.inflict(harm("front"))

    assert standing is None
    assert doors.log == ["close front"] * 2  # it may have been about to open
    assert not open_faults(injections.journal.events)


async def test_an_unexpected_error_in_an_injection_still_leaves_it_to_be_undone(
    injections: Injections, doors: Doors
) -> None:
    doors.breaks = ZeroDivisionError("what?")
    with pytest.raises(ZeroDivisionError):
        await injections.inflict(harm("front"))

    await injections.undo_all()

    assert not open_faults(injections.journal.events)


async def test_nothing_is_injected_that_cannot_be_written_down(
    injections: Injections, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", full)

    with pytest.raises(JournalFailed, match="No space"):
        await injections.inflict(harm("front"))

    assert doors.log == []


async def test_a_full_disk_does_not_keep_a_fault_from_being_undone(
    injections: Injections, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = await inflicted(injections, "front")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)

        await injections.undo(standing)

    assert doors.opened == set()
    assert open_faults(injections.journal.events), "what is unwritten is unknown"


async def test_a_proof_that_cannot_be_had_is_written_down(
    injections: Injections,
) -> None:
    standing = await inflicted(injections, "front")

    injections.doubt(standing, "nobody went through")
    injections.doubt(standing, "said twice")

    assert [one.why for one in only(injections.journal.events, FaultUnproven)] == [
        "nobody went through"
    ]


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_timeout_is_told_in_words() -> None:
    assert words(TimeoutError()) == "it took longer than its deadline"
    assert words(ActivityFailed("jammed")) == "jammed"
    assert words(OSError("gone")) == "OSError: gone"


def test_a_journal_is_never_written_over(tmp_path: Path) -> None:
    Journal(tmp_path, "one").close()

    with pytest.raises(JournalFailed, match="cannot create"):
        Journal(tmp_path, "two")

    assert (tmp_path / FILE).exists()
