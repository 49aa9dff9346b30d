"""What installed packages offer is found by its name, and harms nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.running import run, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Chaos

PACKAGE = '''\
"""The events as comma-separated values, for a spreadsheet."""


def render(reading):
    """Return a line for each event."""
    return "\\n".join(f"{one.at:.0f},{one.kind}" for one in reading.events)


def shout(reading):
    """The verdict, in one loud word."""
    return reading.outcome.result + "!"


def breaks(reading):
    """Fail, always."""
    return 1 / 0


def counts(reading):
    return 5


answer = 42
'''
OFFERED = """\
[chaos_mcp.reports]
lines = a_package
loud = a_package:shout
breaks = a_package:breaks
counts = a_package:counts
answer = a_package:answer
gone = a_package:gone
nowhere = no_such_package

[chaos_mcp.faults]
gone = no_such_package:Fault

[chaos_mcp.probes]
worse = worse_package:ask
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package in a folder on the path."""
    folder = tmp_path / "site"
    info = folder / "a_package-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "a_package.py").write_text(PACKAGE)
    (folder / "worse_package.py").write_text("raise SystemExit('bye')\n")
    (info / "METADATA").write_text("Name: a-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(OFFERED)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    return info


@pytest.fixture
def ran(tmp_path: Path) -> str:
    return run(tmp_path, {"perturbations": [{"fault": "none"}]}).run


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("name", "told"), [("lines", "0,run.started\n"), ("loud", "PASSED!\n")]
)
def test_a_package_s_report_format_tells_a_run(
    chaos: Chaos, ran: str, name: str, told: str
) -> None:
    done = chaos("report", ran, "--format", name)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(told)


@pytest.mark.usefixtures("site")
def test_a_package_s_report_can_be_written_to_a_file(
    chaos: Chaos, ran: str, tmp_path: Path
) -> None:
    done = chaos("report", ran, "--format", "lines", "-o", "it.csv")

    assert done.stderr == f"lines of {ran} written to it.csv\n"
    assert (tmp_path / "it.csv").read_text().startswith("0,run.started\n")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("breaks", "'breaks' (a_package:breaks) failed: ZeroDivisionError: division"),
        ("counts", "'counts' (a_package:counts) gave int, not text"),
        ("answer", "'answer' (a_package:answer) has no function `render`"),
        ("gone", "'gone' (a_package:gone) cannot be loaded: AttributeError: module"),
        ("nowhere", "'nowhere' (no_such_package) cannot be loaded: ModuleNotFound"),
    ],
)
def test_a_report_format_that_fails_is_one_clear_message(
    chaos: Chaos, ran: str, name: str, said: str
) -> None:
    done = chaos("report", ran, "--format", name)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"chaos: the report format {said}")
    assert done.stderr.count("\n") == 1


def test_an_unknown_report_format_comes_with_the_nearest(chaos: Chaos) -> None:
    done = chaos("report", "last", "--format", "htm")

    assert done.returncode == 2
    assert done.stderr == (
        "chaos: no report format is called 'htm'; did you mean 'html'?\n"
    )


def test_an_unknown_report_format_like_no_other_comes_with_the_list(
    chaos: Chaos,
) -> None:
    done = chaos("report", "last", "--format", "xyzzy")

    assert done.stderr == (
        "chaos: no report format is called 'xyzzy'; see `chaos list reports`\n"
    )


@pytest.mark.usefixtures("site")
def test_report_formats_are_listed_with_their_origin_those_that_fail_too(
    chaos: Chaos,
) -> None:
    done = chaos("list", "reports")

    listed = dict(line.split(maxsplit=1) for line in done.stdout.splitlines()[1:])
    assert done.returncode == 0
    assert listed["junit"].startswith("built in      The run as JUnit XML")
    assert listed["lines"].startswith("installed     The events as comma-separated")
    assert listed["loud"].startswith("installed     The verdict, in one loud word.")
    assert "cannot be loaded: ModuleNotFoundError" in listed["nowhere"]


def test_all_that_is_listed_has_reports_among_it(chaos: Chaos) -> None:
    sections = [line for line in chaos("list").stdout.splitlines() if line[0] != " "]

    assert sections == ["faults", "probes", "actions", "reports", "channels"]


@pytest.mark.usefixtures("site")
def test_list_tells_all_about_one_report_format(chaos: Chaos) -> None:
    done = chaos("list", "reports", "lines")

    assert done.stdout == (
        "lines  (report, installed: a_package)\n"
        "\n"
        "The events as comma-separated values, for a spreadsheet.\n"
        "\n"
        "chaos report RUN --format lines\n"
    )


def test_two_report_formats_of_one_name_are_named_with_their_origins(
    chaos: Chaos, site: Path, ran: str
) -> None:
    (site / "entry_points.txt").write_text("[chaos_mcp.reports]\nmd = a_package\n")

    done = chaos("report", ran, "--format", "md")

    assert done.returncode == 2
    assert done.stderr == (
        "chaos: two report formats are called 'md': chaos_mcp.report.markdown "
        "(built in) and a_package (installed)\n"
    )


@pytest.mark.usefixtures("site")
def test_a_fault_or_probe_that_cannot_be_loaded_is_a_mistake_at_its_place(
    chaos: Chaos, tmp_path: Path
) -> None:
    path = write(tmp_path, {"perturbations": [{"fault": "gone"}, {"probe": "worse"}]})

    said = chaos("validate", path).stderr

    assert "[0].fault: the fault 'gone' (no_such_package:Fault) cannot be load" in said
    assert "[1].probe: the probe 'worse' (worse_package:ask) cannot be loaded: " in said
