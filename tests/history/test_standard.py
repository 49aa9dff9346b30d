"""A run that is held to a baseline: what comes of it is an event of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.errors import ChaosError
from chaos_mcp.events import BaselineJudged, RunAborting
from chaos_mcp.history.entry import entry_of
from chaos_mcp.history.found import baseline, find
from chaos_mcp.history.metrics import tolerances
from chaos_mcp.history.sqlite import SqliteFile
from chaos_mcp.history.standard import Standard
from chaos_mcp.history.store import Store
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read as read_journal
from chaos_mcp.report.reading import read
from tests.history.past import entry
from tests.journal.story import dead_between, dice, run

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.report.reading import Reading
    from tests.journal.story import Answer


def steady(seed: int, slower: float = 1.0) -> Answer:
    chance = dice(seed)
    return lambda _: (0.02 * slower * chance.lognormvariate(0, 0.05), "ok")


def written(folder: Path, answer: Answer) -> Reading:
    """Write a run down as it would have been, and read it."""
    folder.mkdir(parents=True)
    now = [0.0]
    journal = Journal(folder, folder.name, clock=lambda: now[0])
    for event in run(answer):
        now[0] = event.at
        journal.record(event)
    journal.close()
    return read(journal.events)


def standard(folder: Path) -> Standard:
    usual = written(folder, steady(1))
    return Standard("nightly", entry_of(usual, folder), tolerances({}))


def test_the_same_system_passes_and_a_slower_one_fails(tmp_path: Path) -> None:
    nightly = standard(tmp_path / "r0")

    same, _ = nightly.judge(written(tmp_path / "r1", steady(2)), tmp_path / "r1")
    slow, _ = nightly.judge(written(tmp_path / "r2", steady(3, 1.5)), tmp_path / "r2")

    assert same.outcome.result == "PASSED", same.outcome.reasons
    assert "no worse than the baseline nightly (r0)" in same.outcome.reasons
    assert (slow.outcome.result, slow.outcome.exit_code) == ("FAILED", 1)
    assert slow.outcome.reasons[0].startswith("response-time: ")
    assert slow.outcome.reasons[0].endswith(
        "tolerated +10.0 %; worse than is tolerated"
    )


def test_the_journal_alone_says_so_again(tmp_path: Path) -> None:
    folder = tmp_path / "r1"
    judged, unwritten = standard(tmp_path / "r0").judge(
        written(folder, steady(3, 1.5)), folder
    )

    again = read(read_journal(folder))

    assert unwritten == []
    assert isinstance(again.events[-1], BaselineJudged)
    assert again.outcome == judged.outcome


def test_what_cannot_be_written_down_is_said_and_judged_all_the_same(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "r1"
    reading = written(folder, steady(3, 1.5))
    (folder / FILE).unlink()

    judged, unwritten = standard(tmp_path / "r0").judge(reading, folder)

    assert judged.outcome.result == "FAILED"
    assert unwritten[0].startswith("events.jsonl: cannot open")


def test_a_run_that_was_stopped_is_not_judged(tmp_path: Path) -> None:
    stopped = read([*run(), RunAborting(cause="signal", reason="SIGINT")])

    judged, _ = standard(tmp_path / "r0").judge(stopped, tmp_path / "r1")

    assert judged is stopped


def test_another_profile_is_inconclusive(tmp_path: Path) -> None:
    folder = tmp_path / "r1"
    other = Standard("nightly", entry("r0"), tolerances({}))

    judged, _ = other.judge(written(folder, steady(1)), folder)

    assert judged.outcome.result == "INCONCLUSIVE"
    assert "measured by different things" in judged.outcome.reasons[0]


def test_a_broken_hypothesis_outweighs_a_baseline_that_holds(tmp_path: Path) -> None:
    folder = tmp_path / "r1"

    judged, _ = standard(tmp_path / "r0").judge(
        written(folder, dead_between(10, 20)), folder
    )

    assert judged.outcome.result == "FAILED"


def test_a_run_is_found_by_its_folder_its_id_as_the_last_and_in_the_store(
    tmp_path: Path,
) -> None:
    store = Store(SqliteFile(tmp_path / "history.sqlite"))
    runs = tmp_path / "runs"
    written(runs / "r1", steady(1))
    store.enter([entry("gone")])

    assert find("r1", runs, store).run == "r1"
    assert find(str(runs / "r1"), tmp_path, store).run == "r1"
    assert find("last", runs, store).run == "r1"
    assert find("last", tmp_path / "none", store).run == "gone"
    assert find("gone", runs, store).run == "gone"
    with pytest.raises(ChaosError, match="there is no run 'r9'"):
        find("r9", runs, store)


def test_a_baseline_is_found_by_its_name_before_a_run_is(tmp_path: Path) -> None:
    store = Store(SqliteFile(tmp_path / "history.sqlite"))
    store.enter([entry("a"), entry("b")])
    store.set_baseline("b", "a")

    assert baseline("b", tmp_path, store).run == "a"
    assert baseline("a", tmp_path, store).run == "a"
    store.enter([entry("d", title="Another")])
    store.set_baseline("b", "d")
    for one in "ad":
        store.set_baseline("both", one)
    assert baseline("b", tmp_path, store, "Another").run == "d"
    with pytest.raises(ChaosError, match="is of several experiments: Another; The"):
        baseline("b", tmp_path, store)
    with pytest.raises(ChaosError, match=r"is only of other experiments .Another; The"):
        baseline("both", tmp_path / "none", store, "A third")
    with pytest.raises(ChaosError, match=r"'c' .there are: b, both.; set one with"):
        baseline("c", tmp_path, store)
