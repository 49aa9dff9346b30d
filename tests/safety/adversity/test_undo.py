"""Undoing survives whatever goes wrong with it; each test is named after that.

All of it holds for a run that ends by itself, and for one that is dead.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.engine.undoing import Patience
from chaos_mcp.events import FaultUndoFailed, FaultVerified
from chaos_mcp.journal.read import read
from tests.running import only
from tests.safety.adversity.gates import Gates, gate, hang, jam, lie, raising

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.injection import Injections
    from tests.safety.adversity.conftest import TakeBack

PATIENCE = Patience()
FRONT, BACK = "open the front gate", "open the back gate"


@pytest.fixture
async def opened(injections: Injections) -> None:
    """Open two gates, the back one last: it is the first to be closed."""
    await injections.inflict(gate("front", 1))
    await injections.inflict(gate("back", 2))


pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("opened")]


async def test_an_undo_that_hangs_does_not_keep_the_others_waiting_for_longer_than_one(
    gates: Gates, take_back: TakeBack
) -> None:
    closed: list[float] = []
    gates.wrong("undo back", hang)
    gates.wrong("verify front", lambda: closed.append(anyio.current_time()))
    began = anyio.current_time()

    still_open = await take_back()

    assert (still_open, gates.open) == ([], {})
    assert closed[0] - began == pytest.approx(PATIENCE.step)


async def test_an_undo_that_always_hangs_is_given_up_and_said(
    gates: Gates, take_back: TakeBack, tmp_path: Path
) -> None:
    gates.wrong("undo back", *[hang] * 99)
    began = anyio.current_time()

    still_open = await take_back()

    assert still_open == [BACK]
    assert gates.open.keys() == {"back-left", "back-right"}
    failed = only(read(tmp_path), FaultUndoFailed)
    once = list(range(1, 1 + PATIENCE.attempts + 1))
    assert [one.attempt for one in failed] in (once, once * 2), "recover tries twice"
    assert anyio.current_time() - began < len(failed) * (PATIENCE.step + 2)
    assert {one.error for one in failed} == {"it took longer than its deadline"}


async def test_a_verify_that_hangs_is_tried_again(
    gates: Gates, take_back: TakeBack
) -> None:
    gates.wrong("verify back", hang)

    assert (await take_back(), gates.open) == ([], {})


@pytest.mark.parametrize("times", [1, 2, 4])
async def test_an_undo_that_fails_so_many_times_and_then_works(
    gates: Gates, take_back: TakeBack, times: int
) -> None:
    gates.wrong("undo back", *[jam] * times)

    assert (await take_back(), gates.open) == ([], {})


async def test_a_verify_that_lies_once(
    gates: Gates, take_back: TakeBack, tmp_path: Path
) -> None:
    gates.wrong("verify back", lie)

    assert (await take_back(), gates.open) == ([], {})
    assert len(only(read(tmp_path), FaultVerified)) == 2, "each was seen gone once"


async def test_what_was_not_seen_to_be_gone_is_open_however_gone_it_is(
    gates: Gates, take_back: TakeBack
) -> None:
    gates.wrong("verify back", *[lie] * 99)

    assert (await take_back(), gates.open) == ([BACK], {})


@pytest.mark.parametrize("step", ["undo back", "verify back"])
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("what?"),
        MemoryError(),
        KeyError("key"),
        RecursionError(),
        ExceptionGroup("two", [ValueError("one"), TypeError("other")]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_that_nobody_has_foreseen(
    gates: Gates, take_back: TakeBack, step: str, error: Exception
) -> None:
    gates.wrong(step, raising(error), raising(error))

    assert (await take_back(), gates.open) == ([], {})


@pytest.mark.parametrize(
    "error",
    [SystemExit(1), KeyboardInterrupt(), asyncio.CancelledError()],
    ids=lambda error: type(error).__name__,
)
async def test_an_undo_that_wants_to_end_everything_ends_after_the_others(
    gates: Gates, take_back: TakeBack, error: BaseException
) -> None:
    gates.wrong("undo back", *[raising(error)] * 99)

    with pytest.raises(type(error)):
        await take_back()

    assert gates.open.keys() == {"back-left", "back-right"}


async def test_somebody_else_has_already_undone_it(
    gates: Gates, take_back: TakeBack
) -> None:
    gates.open.clear()

    assert (await take_back(), gates.open) == ([], {})


async def test_somebody_else_has_undone_half_of_it(
    gates: Gates, take_back: TakeBack
) -> None:
    del gates.open["back-left"]

    assert (await take_back(), gates.open) == ([], {})


async def test_what_others_have_opened_meanwhile_stays_open(
    gates: Gates, take_back: TakeBack
) -> None:
    theirs = {"side-left": "them", "back-left": "them"}
    gates.open.update(theirs)

    assert (await take_back(), gates.open) == ([], theirs)
