"""Earlier runs, as a person sees them in a terminal of 80 or 120 columns."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from chaos_mcp.cli import commands
from chaos_mcp.errors import ChaosError
from chaos_mcp.history.metrics import tolerances
from chaos_mcp.history.store import VARIABLE, store
from chaos_mcp.runs import Options, standard_of, validate
from tests.cli.test_commands import HELD, NOTHING
from tests.history.past import entry, figures
from tests.journal.story import dice
from tests.running import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from syrupy.assertion import SnapshotAssertion

    from tests.cli.conftest import Chaos

WIDTHS = pytest.mark.parametrize("width", [80, 120])


@pytest.fixture(autouse=True)
def _in_a_place_of_its_own(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    assert not state.exists()
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def said(*arguments: str, width: int = 80) -> Result:
    result = CliRunner(env={"COLUMNS": str(width)}).invoke(
        commands, arguments, prog_name="chaos", standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result


def several() -> None:
    """Enter two weeks of nightly runs; on the ninth night something broke."""
    chance = dice(4)
    for day in range(14):
        broken = day >= 8
        known = figures(
            score=(74 if broken else 92) + chance.gauss(0, 1),
            response_time=(0.16 if broken else 0.1) * (1 + chance.gauss(0, 0.02)),
        )
        one = entry(f"20251009-0300{day:02}-beef", day=day, known=known)
        if broken:
            one = replace(one, verdict="FAILED", low=72.0, high=76.0)
        store().enter([one])
    store().enter(
        [entry("x1", day=15, title="Full \x1b[31mdisk", file="", known={}, low=None)]
    )


@WIDTHS
def test_the_history_is_a_table(width: int, snapshot: SnapshotAssertion) -> None:
    several()

    shown = said("history", width=width).output

    assert shown == snapshot
    assert all(len(line) <= width for line in shown.splitlines())
    assert "\x1b" not in shown


def test_the_history_can_be_narrowed() -> None:
    several()

    failed = json.loads(
        said("history", "shop", "--verdict", "failed", "--format", "json").output
    )

    assert len(failed) == 6
    assert failed[0]["tags"] == ["network", "nightly"]
    assert failed[0]["figures"]["score"]["value"] == failed[0]["score"]
    assert "no runs" in said("history", "--since", "7d").output
    assert said("history", "--since", "2025-10-20").output.count("beef") == 3
    assert said("history", "--tag", "none").output.startswith("no runs")
    assert said("history", "--last", "3").output.count("beef") == 2


@WIDTHS
def test_two_runs_are_compared_side_by_side(
    width: int, snapshot: SnapshotAssertion
) -> None:
    several()

    shown = said(
        "compare", "20251009-030000-beef", "20251009-030010-beef", width=width
    ).output

    assert shown == snapshot
    assert all(len(line) <= width for line in shown.splitlines())


def test_a_comparison_as_json_has_every_difference() -> None:
    several()

    told = said(
        "compare", "20251009-030000-beef", "20251009-030010-beef", "--format", "json"
    )

    found = json.loads(told.output)
    changed = {one["metric"]: one for one in found["differences"]}
    assert changed["response-time"]["low"] > 0.2
    assert changed["response-time"]["p"] < 0.001
    assert changed["recovery-time"]["change"] == 0


@WIDTHS
def test_a_trend_shows_when_it_changed(width: int, snapshot: SnapshotAssertion) -> None:
    several()

    shown = said("trend", "shop", width=width).output

    assert shown == snapshot
    assert all(len(line) <= width for line in shown.splitlines())


def test_a_whole_title_means_that_experiment_and_no_other_that_contains_it() -> None:
    several()
    store().enter([entry("y", title="The shop keeps selling, twice")])

    assert "of 14 runs" in said("trend", "the shop keeps selling").output
    with pytest.raises(ChaosError, match="several experiments are called so"):
        said("trend", "the shop keeps")


def test_a_trend_can_be_drawn_and_be_json() -> None:
    pytest.importorskip("vl_convert", reason="the extra `charts` is missing")
    several()

    drawn = said("trend", "shop", "--format", "svg").output
    told = json.loads(said("trend", "shop", "--format", "json").output)

    assert drawn.startswith("<svg")
    assert [one["run"] for one in told["changes"]] == ["20251009-030008-beef"]


def test_baselines_are_set_listed_and_removed() -> None:
    several()

    assert said("baseline", "list").output.startswith("no baselines")
    assert said("baseline", "set", "20251009-030003-beef").output == (
        "the baseline 'default' is now 20251009-030003-beef (PASSED): "
        "The shop keeps selling\n"
    )
    bad = said("baseline", "set", "20251009-030009-beef", "--name", "nightly")
    assert "it did not pass" in bad.stderr
    rows = json.loads(said("baseline", "list", "--format", "json").output)
    assert [(one["name"], one["run"][-7:]) for one in rows] == [
        ("default", "03-beef"),
        ("nightly", "09-beef"),
    ]
    said("baseline", "remove", "nightly")
    assert said("baseline", "list").output.count("beef") == 1


def test_every_run_is_entered_and_can_be_a_baseline(
    chaos: Chaos, tmp_path: Path
) -> None:
    file = write(tmp_path, {**HELD, **NOTHING})

    first = chaos("run", file, "-q", "--format", "json")
    chaos("baseline", "set", "last", "--name", "nightly")
    shown = chaos("history", "--format", "json")

    run = json.loads(first.stdout)["run"]
    assert [one["run"] for one in json.loads(shown.stdout)] == [run]
    assert run in chaos("baseline", "list").stdout


def test_without_figures_a_baseline_leaves_it_open(
    chaos: Chaos, tmp_path: Path
) -> None:
    file = write(tmp_path, {**HELD, **NOTHING})
    chaos("run", file, "-q")

    done = chaos("run", file, "-q", "--baseline", "last")
    again = chaos("report", "last")

    assert done.returncode == 4
    assert "not comparable with the baseline: neither run has figures" in done.stdout
    assert again.stdout.splitlines()[0] == done.stdout.splitlines()[0]


def test_a_baseline_that_is_not_there_is_said_before_anything_is_run(
    chaos: Chaos, tmp_path: Path
) -> None:
    file = write(tmp_path, {**HELD, **NOTHING})

    done = chaos("run", file, "--baseline", "nightly")
    wrong = chaos("run", file, "--baseline", "x", "--tolerance", "p95=1%")

    assert (done.returncode, wrong.returncode) == (2, 2)
    assert "no baseline is called 'nightly' (there are: none)" in done.stderr
    assert "'p95' is no metric: score, recovery-time, response-time" in wrong.stderr
    assert not (tmp_path / "runs").exists()


def test_the_command_goes_over_the_file_and_the_file_over_what_is_usual(
    chaos: Chaos, tmp_path: Path
) -> None:
    wanted = {"score": 3, "response-time": "15%", "error-rate@fault": "5%"}
    file = write(tmp_path, {**HELD, **NOTHING, "baseline": {"tolerances": wanted}})
    chaos("run", file, "-q")
    given = {"response-time": "20%"}
    options = Options(runs=tmp_path / "runs", baseline="last", tolerances=given)

    found = standard_of(validate(file, options), options)

    assert found is not None
    assert found.tolerances == {
        **tolerances({}),
        "score": 3.0,
        "response-time": 0.2,
        "error-rate@fault": 0.05,
    }


def test_each_experiment_has_its_own_baseline_of_a_name(
    chaos: Chaos, tmp_path: Path
) -> None:
    one = write(tmp_path, {**HELD, **NOTHING, "title": "One"}, "a.json")
    two = write(tmp_path, {**HELD, **NOTHING, "title": "Two"}, "b.json")
    chaos("run", one, "-q")
    chaos("baseline", "set", "last", "--name", "nightly")

    early = chaos("run", one, two, "-q", "--baseline", "nightly")
    runs = len(list((tmp_path / "runs").iterdir()))
    chaos("run", two, "-q")
    chaos("baseline", "set", "last", "--name", "nightly")
    both = chaos("run", one, two, "-q", "--baseline", "nightly")

    assert early.returncode == 2
    assert "'nightly' is only of other experiments (One)" in early.stderr
    assert runs == 1
    assert both.stdout.count("neither run has figures") == 2


def test_a_store_that_fails_harms_no_run_which_is_entered_later(
    chaos: Chaos, tmp_path: Path
) -> None:
    file = write(tmp_path, {**HELD, **NOTHING})
    broken = {VARIABLE: "postgresql://me:secret@127.0.0.1:9/none"}

    done = chaos("run", file, "-q", **broken)
    missing = chaos("history", "--format", "json")
    later = chaos("history", "--import", "runs", "--format", "json")
    again = chaos("history", "--import", "runs", "--format", "json")

    assert done.returncode == 0
    assert done.stdout.startswith("PASSED")
    assert "not in the history: the history postgresql+psycopg://me:***@" in done.stderr
    assert "secret" not in done.stderr
    assert "chaos history --import " in done.stderr
    assert json.loads(missing.stdout) == []
    assert len(json.loads(later.stdout)) == len(json.loads(again.stdout)) == 1
    assert later.stderr.startswith("1 runs entered in ")


def test_what_is_no_journal_is_not_entered_and_said(
    chaos: Chaos, tmp_path: Path
) -> None:
    (tmp_path / "runs" / "broken").mkdir(parents=True)
    (tmp_path / "runs" / "broken" / "events.jsonl").write_text("nonsense\n")

    done = chaos("history", "--import", "runs")

    assert done.returncode == 2
    assert "not entered: runs/broken: its journal is empty" in done.stderr
