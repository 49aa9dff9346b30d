"""The store keeps what it is given, in every database, and harms no run."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from math import inf
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.errors import ChaosError, StoreFailed
from chaos_mcp.history.alchemy import SqlDatabase
from chaos_mcp.history.entering import enter
from chaos_mcp.history.entry import entry_of
from chaos_mcp.history.estimate import Estimate
from chaos_mcp.history.schema import MIGRATIONS
from chaos_mcp.history.sqlite import SqliteFile
from chaos_mcp.history.store import VARIABLE, Baseline, Query, Store
from chaos_mcp.history.store import store as usual
from chaos_mcp.report.reading import read
from tests.history.past import BEGAN, DAY, entry
from tests.report import stories

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.history.database import Database


def test_what_is_entered_comes_back_as_it_was(store: Store) -> None:
    never = {"recovery-time": Estimate(inf, 0.58, inf)}
    first, second = entry("a"), entry("b", day=1, known=never, seed=2**70)

    store.enter([second, first])

    assert store.entries() == [first, second]
    assert store.entry("b") == second
    assert store.entry("c") is None


def test_a_run_entered_twice_is_there_once(store: Store) -> None:
    store.enter([entry("a")])

    store.enter([entry("a", verdict="FAILED")])

    assert [one.verdict for one in store.entries()] == ["FAILED"]


def test_runs_are_found_by_what_they_are(store: Store) -> None:
    store.enter(
        [
            entry("a"),
            entry("b", day=1, verdict="FAILED", title="100% of_it"),
            entry("c", day=2, tags=("disk",), file="experiments/Disk.yaml"),
        ]
    )

    def found(query: Query) -> str:
        return "".join(one.run for one in store.entries(query))

    assert found(Query(experiment="SHOP KEEPS")) == "ac"
    assert found(Query(experiment="disk")) == "c"
    assert found(Query(experiment="100%")) == "b"
    assert found(Query(experiment="f_i")) == "b"
    assert found(Query(experiment="f%i")) == ""
    assert found(Query(experiment="' OR 1=1 --")) == ""
    assert found(Query(verdict="FAILED")) == "b"
    assert found(Query(tag="disk")) == "c"
    assert found(Query(since=BEGAN + DAY)) == "bc"
    assert found(Query(most=2)) == "bc"


def test_whatever_a_run_says_can_be_entered(store: Store, tmp_path: Path) -> None:
    hostile = stories.hostile()
    nasty = "a\0b\udcff'\";\n" * 500
    started = hostile.started.model_copy(update={"file": nasty, "title": nasty})
    from dataclasses import replace  # noqa: PLC0415 - for this test

    reading = replace(hostile, started=started)

    store.enter([entry_of(reading, tmp_path / "run")])

    assert store.entries()[0].verdict == "UNSAFE"


def test_a_baseline_is_set_replaced_and_removed(store: Store) -> None:
    store.enter([entry("a"), entry("b"), entry("c", title="Another")])

    for name, run in (("nightly", "a"), ("nightly", "b"), ("nightly", "c")):
        store.set_baseline(name, run)
    store.set_baseline("release", "a")

    assert [(one.name, one.title, one.run) for one in store.baselines()] == [
        ("nightly", "Another", "c"),
        ("nightly", "The shop keeps selling", "b"),
        ("release", "The shop keeps selling", "a"),
    ]
    store.remove_baseline("nightly")
    assert [one.name for one in store.baselines()] == ["release"]
    with pytest.raises(ChaosError, match="no baseline is called 'nightly'"):
        store.remove_baseline("nightly")
    with pytest.raises(ChaosError, match="the history has no run 'd'"):
        store.set_baseline("x", "d")


def test_baselines_of_the_first_version_are_kept(database: Database) -> None:
    first = Store(database, MIGRATIONS[:1])
    first.enter([entry("a")])
    old = "INSERT INTO chaos_baselines (name, run, since) VALUES ('n', 'a', 1.5)"
    database.transaction(lambda execute: execute(old, {}))

    (kept,) = Store(database).baselines()

    assert kept == Baseline("n", "The shop keeps selling", "a", 1.5)


def test_two_may_come_first_at_once(database: Database) -> None:
    wrong: list[BaseException] = []
    ready = threading.Barrier(4)

    def come(name: str) -> None:
        try:
            ready.wait(10)
            Store(database).enter([entry(name)])
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(error)

    threads = [threading.Thread(target=come, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert wrong == []
    assert {one.run for one in Store(database).entries()} == {*"abcd"}


def test_an_older_store_is_brought_up_to_date(database: Database) -> None:
    Store(database).enter([entry("a")])
    later = [*MIGRATIONS, ["CREATE TABLE chaos_more (what TEXT)"]]

    store = Store(database, later)

    assert [one.run for one in store.entries()] == ["a"]
    found = database.transaction(lambda do: do("SELECT COUNT(*) FROM chaos_more", {}))
    assert found[0][0] == 0


def test_a_migration_that_fails_leaves_the_store_as_it_was(database: Database) -> None:
    Store(database).enter([entry("a")])
    broken = [*MIGRATIONS, ["CREATE TABLE chaos_more (what TEXT)", "NONSENSE"]]

    with pytest.raises(StoreFailed):
        Store(database, broken).entries()

    assert [one.run for one in Store(database).entries()] == ["a"]


def test_a_store_of_a_later_chaos_is_not_touched(database: Database) -> None:
    Store(database, [*MIGRATIONS, ["CREATE TABLE chaos_more (what TEXT)"]]).entries()

    with pytest.raises(ChaosError, match=r"of a later chaos .version 3, known is 2"):
        Store(database).entries()


WRITER = """
import sys
from chaos_mcp.history.sqlite import SqliteFile
from chaos_mcp.history.store import Store
from pathlib import Path
from tests.history.past import entry
for number in range(20):
    Store(SqliteFile(Path(sys.argv[1]))).enter([entry(f"{sys.argv[2]}{number}")])
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"

    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, file, name]) for name in "abc"
    ]

    assert [one.wait(60) for one in writers] == [0, 0, 0]
    assert len(Store(SqliteFile(file)).entries()) == 60
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_locked_store_gives_up_after_its_patience(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "history.sqlite", patience=0.1)
    store = Store(file)
    store.enter([entry("a")])

    with closing(sqlite3.connect(file.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="database is locked"):
            store.enter([entry("b")])

    assert store.enter([entry("b")]) == 1


def test_a_file_that_is_no_store_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    file.write_text("these are my notes " * 100)

    with pytest.raises(StoreFailed, match="not a database"):
        Store(SqliteFile(file)).entries()

    assert file.read_text().startswith("these are my notes")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@127.0.0.1:9/none",
        "postgresql://me:secret@/none?host=/nowhere",
        "nonsense:secret",
        "nodb://me:secret@x/y",
        "mysql+nodriver://me:secret@x/y",
    ],
)
def test_a_store_that_cannot_be_reached_is_one_message_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, url)

    with pytest.raises(StoreFailed) as failed:
        usual().entries()

    assert "secret" not in str(failed.value)
    assert "\n" not in str(failed.value)
    assert enter(stories.passed(), tmp_path)  # says why, and raises nothing


def test_a_missing_driver_is_named_with_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StoreFailed, match=r"pip install 'chaos-mcp\[postgresql\]'"):
        SqlDatabase("postgresql://x/y")


def test_the_usual_store_is_in_the_users_state_folder(state: Path) -> None:
    assert usual().database.name == str(state / "history.sqlite")


def test_an_empty_record_can_be_entered(store: Store, tmp_path: Path) -> None:
    store.enter([entry_of(read([]), tmp_path / "broken")])

    assert store.entries()[0].run == "broken"
