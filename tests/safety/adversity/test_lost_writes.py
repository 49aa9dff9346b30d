"""Whatever the disk does not write: no harm without a record, and no harm that stays.

Every write of a run with two faults fails in turn, in every way in which it can.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.engine.recover import recover
from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import FaultArmed, FaultVerified
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.engine.conftest import StillJournal, trio_time
from tests.journal.told import Durable, lay
from tests.running import only
from tests.safety.adversity.conftest import at
from tests.safety.adversity.gates import Gates, gate, reachable
from tests.safety.dead import killed
from tests.safety.disks import fill, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.engine.injection import Injections

pytestmark = pytest.mark.anyio
LINES = 10
"""Of a run that opens two gates and closes them, when all goes well."""
WRITE = os.write


@dataclass
class Disk:
    """A disk on which one write fails, or all from there on."""

    handle: int
    fails: int
    """Which write, counted from 1."""
    error: int
    for_ever: bool
    half: bool
    """Whether half of it is written before."""
    done: int = 0

    def write(self, handle: int, data: bytes) -> int:
        if handle != self.handle:
            return WRITE(handle, data)
        self.done += 1
        behind = self.done - self.fails
        if behind == 0 and self.half:
            return WRITE(handle, data[: len(data) // 2])
        if behind == int(self.half) or (behind > 0 and self.for_ever):
            raise OSError(self.error, os.strerror(self.error))
        return WRITE(handle, data)


async def open_and_close(injections: Injections) -> None:
    """Open two gates and close them, as a run does that stops at the first error."""
    with suppress(JournalFailed):
        for number, name in enumerate(("front", "back"), 1):
            await injections.inflict(gate(name, number))
    await injections.undo_all()


async def test_a_run_writes_as_many_lines_as_are_made_to_fail(
    injections: Injections,
) -> None:
    await open_and_close(injections)

    assert len(injections.journal.events) == LINES


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("for_ever", [True, False])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
async def test_whichever_write_fails_the_world_is_put_back_and_the_journal_is_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    error: int,
    for_ever: bool,
    half: bool,
) -> None:
    for fails in range(1, LINES + 1):
        folder = tmp_path / str(fails)
        folder.mkdir()
        gates, journal = Gates(), StillJournal(folder, "test-run", clock=trio_time)
        disk = Disk(journal._file.handle, fails, error, for_ever, half)  # noqa: SLF001
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", disk.write)
            await open_and_close(at(gates, journal))
        journal.close()

        events = read(folder)
        armed = {one.fault for one in only(events, FaultArmed)}
        assert gates.open == {}, fails
        assert events == journal.events, fails
        assert [one.seq for one in events] == list(range(len(events))), fails
        assert len(armed) >= sum("inject" in step for step in gates.log), fails
        reachable(gates, monkeypatch)
        await recover(folder, "recover", "asked")
        assert not open_faults(read(folder)), fails


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_what_undoing_needs_is_safe_from_a_power_cut_before_the_harm(
    gates: Gates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable, left = Durable(tmp_path / "run", monkeypatch), tmp_path / "left"
    after: list[list[str]] = []

    def power_cut() -> None:
        after.append(
            [one.name for one in open_faults(read(lay(left, durable.content)))]
        )

    left.mkdir()
    (tmp_path / "run").mkdir()
    gates.wrong("inject front", power_cut)
    gates.wrong("inject back", power_cut)

    await open_and_close(at(gates, Journal(tmp_path / "run", "test-run")))

    front, back = "open the front gate", "open the back gate"
    assert after == [[front], [back, front]]
    assert durable.names >= {tmp_path, tmp_path / "run"}, "and so is the file's name"


def broken(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("call", ["os.fsync", "chaos_mcp.journal.room._fallocate"])
async def test_nothing_is_injected_where_the_disk_promises_nothing(
    injections: Injections, gates: Gates, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(call, broken)
        with pytest.raises(JournalFailed, match="Input/output error"):
            await injections.inflict(gate())
    await injections.undo_all()

    assert "inject front" not in gates.log
    assert not open_faults(injections.journal.events), "and nobody has to look for it"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def on_disk(disk: Path, gates: Gates) -> Iterator[Injections]:
    """Give a run whose journal is on a disk that can be filled."""
    journal = StillJournal(disk, "test-run", clock=trio_time)
    yield at(gates, journal)
    journal.close()


async def test_a_fault_that_fills_the_disk_of_its_own_journal_is_seen_to_be_gone(
    on_disk: Injections, gates: Gates, disk: Path
) -> None:
    gates.wrong("opened front-right", lambda: fill(disk))
    await on_disk.inflict(gate())

    undone = await on_disk.undo_all()

    assert undone
    assert gates.open == {}
    assert only(read(disk), FaultVerified)


async def test_on_a_full_disk_nothing_is_injected(
    on_disk: Injections, gates: Gates, disk: Path
) -> None:
    fill(disk)

    with pytest.raises(JournalFailed, match="No space left"):
        await on_disk.inflict(gate())

    assert "inject front" not in gates.log
    assert not only(read(disk), FaultArmed)


async def test_recover_finishes_on_a_full_disk_what_a_dead_run_has_left(
    on_disk: Injections, gates: Gates, disk: Path
) -> None:
    await on_disk.inflict(gate("front", 1))
    await on_disk.inflict(gate("back", 2))
    killed(on_disk.journal)
    fill(disk)

    recovered = await recover(disk, "recover", "asked")

    assert [one.name for one in recovered.undone] == [
        "open the back gate",
        "open the front gate",
    ]
    assert gates.open == {}
    assert len(only(read(disk), FaultVerified)) == 2
