"""Two runs want one target: one has it, and the other is told who."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.recovering import recover_run
from chaos_mcp.engine.status import holds
from chaos_mcp.errors import ChaosError
from chaos_mcp.events import FaultFailed
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine import index
from tests.running import only
from tests.safety.adversity.gates import Gates, gate
from tests.safety.bench import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROUNDS = 25


class Racer:
    """A run in a process of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.name = folder.name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.safety.claimer", folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def heard(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def asked(self, line: str) -> str:
        self.tell(line)
        return self.heard()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def racing(folder: Path, count: int) -> Iterator[list[Racer]]:
    """Start so many runs."""
    with ExitStack() as stack:
        made = [Racer(folder / f"run-{number}") for number in range(count)]
        for one in made:
            stack.callback(one.kill)
        assert {one.heard() for one in made} == {"ready"}
        yield made


@pytest.mark.usefixtures("state")
def test_of_runs_that_race_for_a_target_one_has_it_and_the_others_know_who(
    tmp_path: Path,
) -> None:
    with racing(tmp_path, 4) as racers:
        for number in range(ROUNDS):
            for one in racers:
                one.tell(f"target-{number}")
            said = {one.name: one.heard() for one in racers}

            winners = [name for name, answer in said.items() if answer == "won"]
            assert len(winners) == 1, said
            del said[winners[0]]
            why = f"target-{number} is held by the run {winners[0]} (chaos status)"
            assert set(said.values()) == {why}


@pytest.mark.usefixtures("state")
def test_a_run_that_was_killed_holds_its_targets_only_if_it_has_left_something(
    tmp_path: Path,
) -> None:
    with racing(tmp_path, 3) as (leaves, leaves_nothing, comes):
        assert leaves.asked("stand this") == "won"
        assert leaves_nothing.asked("that") == "won"
        assert "held by the run run-0" in comes.asked("this")
        assert "held by the run run-1" in comes.asked("that")

        leaves.kill()
        leaves_nothing.kill()

        assert "held by the run run-0" in comes.asked("this")
        assert comes.asked("that") == "won"


@pytest.mark.anyio
@pytest.mark.usefixtures("state")
async def test_the_loser_injects_nothing_and_takes_nothing_of_the_winners_back(
    tmp_path: Path,
) -> None:
    gates = Gates()
    runs = [injecting(tmp_path / name, gates) for name in ("one", "other")]

    async with anyio.create_task_group() as tasks:
        for injections in runs:
            tasks.start_soon(injections.inflict, gate())
    winner, loser = sorted(runs, key=lambda one: not one.standing)
    await loser.undo_all()

    assert gates.log.count("inject front") == 1
    assert gates.by(winner.standing[0].world.owner) == {"front-left", "front-right"}
    failed = only(loser.journal.events, FaultFailed)[0]
    assert failed.error == (
        f"gate:front is held by the run {winner.journal.run} (chaos status)"
    )
    assert await winner.undo_all()
    assert await loser.inflict(gate()), "what was given back can be taken"
    assert await loser.undo_all()


def injecting(folder: Path, gates: Gates) -> Injections:
    folder.mkdir()
    index.register(index.entry_of_us(folder.name, folder, "a run", 10.0, signals=False))
    world = World(extra={"gates": gates})
    made = Injections(Journal(folder, folder.name), world, Scope())
    made.holds = holds
    return made


@pytest.mark.usefixtures("state")
def test_a_copy_of_a_living_runs_journal_is_no_reason_to_take_the_run_back(
    tmp_path: Path,
) -> None:
    with racing(tmp_path, 1) as (lives,):
        assert lives.asked("stand this") == "won"
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / lives.name, copy)

        with pytest.raises(ChaosError, match="run-0 is still being carried out"):
            anyio.run(recover_run, copy)

        assert lives.asked("that") == "won", "and it lives"
