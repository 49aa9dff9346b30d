"""Injecting survives whatever goes wrong with it: nothing of it stays unknown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.engine.undoing import Patience
from chaos_mcp.events import FaultArmed, FaultFailed
from chaos_mcp.experiment.redact import redactor
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.read import read
from tests.engine.conftest import StillJournal, trio_time
from tests.running import kinds, only
from tests.safety.adversity.conftest import at
from tests.safety.adversity.gates import Gates, OpenGate, gate, hang, jam, raising

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.injection import Injections
    from chaos_mcp.events import Event
    from tests.safety.adversity.conftest import TakeBack

pytestmark = pytest.mark.anyio
HALF = "opened front-left"


async def test_half_an_injection_is_taken_back_at_once(
    injections: Injections, gates: Gates
) -> None:
    gates.wrong(HALF, jam)

    standing = await injections.inflict(gate())

    assert standing is None
    assert "opened front-right" not in gates.log
    assert gates.open == {}
    assert not open_faults(injections.journal.events)


async def test_an_injection_that_hangs_half_way_is_given_up_and_taken_back(
    injections: Injections, gates: Gates
) -> None:
    gates.wrong(HALF, hang)
    began = anyio.current_time()

    standing = await injections.inflict(gate())

    assert (standing, gates.open) == (None, {})
    assert anyio.current_time() - began == pytest.approx(Patience().step)
    failed = only(injections.journal.events, FaultFailed)[0]
    assert (failed.step, failed.error) == ("inject", "it took longer than its deadline")


@pytest.mark.parametrize("step", ["inject front", HALF, "opened front-right"])
@pytest.mark.parametrize(
    "error",
    [RuntimeError("what?"), MemoryError(), KeyboardInterrupt()],
    ids=lambda error: type(error).__name__,
)
async def test_an_injection_that_ends_in_an_unforeseen_way_is_taken_back(
    injections: Injections,
    gates: Gates,
    take_back: TakeBack,
    step: str,
    error: BaseException,
) -> None:
    gates.wrong(step, raising(error))
    await injections.inflict(gate("back", 2))
    with pytest.raises(type(error)):
        await injections.inflict(gate())

    assert (await take_back(), gates.open) == ([], {})


async def test_an_error_that_nobody_has_foreseen_in_arming_harms_nothing(
    injections: Injections, gates: Gates, take_back: TakeBack
) -> None:
    gates.wrong("arm front", raising(RuntimeError("what?")))

    with pytest.raises(RuntimeError):
        await injections.inflict(gate())

    assert await take_back() == []
    assert gates.log == ["arm front"]


WHOLE = (
    *("fault.armed", "fault.injected"),
    *("fault.undoing", "fault.undone", "fault.verified"),
)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    "error", [RuntimeError("what?"), MemoryError()], ids=lambda one: type(one).__name__
)
async def test_a_listener_that_raises_loses_no_fault(
    injections: Injections, gates: Gates, kind: str, error: Exception
) -> None:
    def listen(event: Event) -> None:
        if event.kind == kind:
            raise error

    injections.journal.listeners.append(listen)
    if kind == "fault.armed":
        with pytest.raises(type(error)):
            await injections.inflict(gate())
        assert "inject front" not in gates.log, "what nobody may have heard is not done"
    else:
        await injections.inflict(gate())

    assert await injections.undo_all()
    assert gates.open == {}
    assert not open_faults(injections.journal.events)
    assert kind in kinds(injections.journal.events), "and it is written down"


async def test_a_secret_in_what_undoing_needs_is_refused_and_not_written_down(
    gates: Gates, tmp_path: Path
) -> None:
    hides = redactor({"token": "front-left"})
    journal = StillJournal(tmp_path, "test-run", clock=trio_time, redact=hides)

    standing = await at(gates, journal).inflict(gate())

    journal.close()
    assert (standing, gates.log) == (None, ["arm front"])
    failed = only(read(tmp_path), FaultFailed)[0]
    assert failed.step == "arm"
    assert "a secret stands in what undoing it needs" in failed.error
    assert b"front-left" not in (tmp_path / FILE).read_bytes()


@pytest.mark.parametrize(
    "memo",
    [
        {"when": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"inode": float("nan")},
        {"names": {"a", "b"}},
        {"bytes": b"x"},
        {"path": "a name that is no text: \udc80"},
        {("a", "key"): "x"},
    ],
    ids=lambda memo: str(next(iter(memo))),
)
async def test_a_memo_that_another_process_could_not_read_is_refused(
    injections: Injections, gates: Gates, monkeypatch: pytest.MonkeyPatch, memo: Any
) -> None:
    async def arm(*_: object) -> Any:
        return memo

    monkeypatch.setattr(OpenGate, "arm", arm)

    standing = await injections.inflict(gate())

    assert (standing, gates.log) == (None, [])
    failed = only(injections.journal.events, FaultFailed)[0]
    assert failed.step == "arm"
    assert "is not JSON" in failed.error


async def test_a_fault_is_taken_back_with_what_another_process_would_read(
    injections: Injections, gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def arm(*_: object) -> Any:
        return {"leaves": ("front-left", "front-right"), 7: "seven"}

    seen: list[Any] = []

    async def undo(_: object, __: object, memo: Any) -> None:
        seen.append(memo)
        gates.open.clear()

    monkeypatch.setattr(OpenGate, "arm", arm)
    monkeypatch.setattr(OpenGate, "undo", undo)
    await injections.inflict(gate())

    await injections.undo_all()

    written = only(injections.journal.events, FaultArmed)[0].memo
    assert seen == [written]
    assert written == {"leaves": ["front-left", "front-right"], "7": "seven"}
