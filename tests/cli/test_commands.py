"""The commands, called as a person calls them: what they print, and how they end."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import ROOT
from tests.command import call
from tests.running import write

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.cli.conftest import Chaos

NOTHING: dict[str, Any] = {"perturbations": [{"fault": "none", "for": "10ms"}]}
HELD = {
    "steady-state-hypothesis": {
        "probes": [
            {
                "name": "echo says so",
                "probe": "process",
                "command": ["echo", "yes"],
                "expect": {"stdout": "/yes/"},
            }
        ]
    }
}
DEVIATES_LATER = {
    "steady-state-hypothesis": {
        "probes": [
            {
                "name": "no file",
                "probe": "process",
                "command": ["test", "-e", "made"],
                "expect": {"exit_code": 1},
            }
        ]
    },
    "perturbations": [{"action": "process", "command": ["touch", "made"]}],
}


@dataclass(frozen=True)
class Passed:
    """A run that passed: what was said, and the project that it was made in."""

    said: subprocess.CompletedProcess[str]
    project: Path

    @property
    def folder(self) -> Path:
        return next((self.project / "runs").iterdir())


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Passed:
    """Give one run for all tests that only look at it."""
    project = tmp_path_factory.mktemp("passed")
    said = call("run", write(project, {**HELD, **NOTHING}), cwd=project)
    return Passed(said, project)


def test_a_run_that_passes_ends_with_0_and_leaves_its_reports(passed: Passed) -> None:
    done, folder = passed.said, passed.folder

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASSED")
    assert {file.name for file in folder.iterdir()} == {
        "events.jsonl",
        "report.html",
        "summary.md",
        "junit.xml",
        "journal.json",
    }
    assert f"report  runs/{folder.name}/report.html" in done.stdout


def test_a_run_that_deviates_ends_with_1(chaos: Chaos, tmp_path: Path) -> None:
    done = chaos("run", write(tmp_path, DEVIATES_LATER))

    assert done.returncode == 1
    assert done.stdout.startswith("FAILED")


def test_the_worst_of_several_runs_decides(chaos: Chaos, tmp_path: Path) -> None:
    good = write(tmp_path, {**HELD, **NOTHING}, "a.json")
    write(tmp_path, DEVIATES_LATER, "b.json")

    done = chaos("run", good.parent)

    assert done.returncode == 1
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_json_is_one_object_on_stdout(chaos: Chaos, tmp_path: Path) -> None:
    done = chaos("run", write(tmp_path, {**HELD, **NOTHING}), "--format", "json", "-q")

    said = json.loads(done.stdout)
    assert (said["verdict"], said["exit_code"]) == ("PASSED", 0)
    assert said["score"] == {"value": None, "low": None, "high": None}
    assert said["dir"].endswith(said["run"])
    assert done.stderr == ""


def test_progress_goes_to_stderr_as_plain_lines(passed: Passed) -> None:
    assert "fault.injected" in passed.said.stderr
    assert "\x1b" not in passed.said.stderr
    assert "fault.injected" not in passed.said.stdout


def test_verbose_tells_every_event(chaos: Chaos, tmp_path: Path) -> None:
    done = chaos("run", write(tmp_path, {**HELD, **NOTHING}), "-v")

    assert "probe.measured" in done.stderr


def test_a_dry_run_prints_the_plan_and_touches_nothing(
    chaos: Chaos, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    done = chaos(
        "run", "experiments/partition.yaml", "--dry-run", "--seed", "1", cwd=ROOT
    )

    assert done.returncode == 0
    assert done.stdout == snapshot
    assert not (tmp_path / "runs").exists()


def test_all_mistakes_are_said_at_once_with_their_places(
    chaos: Chaos, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    (tmp_path / "bad.yaml").write_text(
        """\
title: A bad one
steady-state-hypothesis:
  probes:
    - {probe: htp, url: "http://127.0.0.1/"}
safeguards:
  - {workload: shop, max-failure-rate: 150%}
perturbations:
  - {fault: network.latncy, proxy: cache, latency: 200ms}
  - {fault: network.latency, proxy: cach, latency: 200}
  - {action: process, command: []}
rollbaks: []
"""
    )

    done = chaos("validate", "bad.yaml")

    assert done.returncode == 2
    assert done.stderr == snapshot


def test_mistakes_of_the_plan_are_said_at_once_too(
    chaos: Chaos, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    (tmp_path / "bad.yaml").write_text(
        """\
title: A bad plan
system:
  proxies: [{name: cache, upstream: "127.0.0.1:1"}]
steady-state-hypothesis:
  probes:
    - {probe: htp, url: "http://127.0.0.1/", expect: 200}
    - {probe: tcp, address: nowhere, expect: true}
    - {probe: disk.free, path: /, expect: "> lots"}
perturbations:
  - {fault: network.latncy, proxy: cache, latency: 200ms}
  - {fault: network.latency, proxy: cach, latency: 200ms}
  - {fault: network.latency, proxy: cache}
  - {fault: network.partition, proxy: cache, side: left}
blast-radius: {max-targets: 1, max-duration: 1s}
"""
    )

    done = chaos("run", "bad.yaml")

    assert done.returncode == 2
    assert done.stderr == snapshot
    assert not (tmp_path / "runs").exists()


def test_the_shipped_experiments_are_valid(chaos: Chaos) -> None:
    files = sorted((ROOT / "experiments").glob("*.yaml"))

    done = chaos("validate", *files, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(files)


@pytest.mark.parametrize("form", ["html", "md", "junit", "journal", "json", "terminal"])
def test_each_report_is_made_again_from_the_journal_alone(
    passed: Passed, form: str
) -> None:
    left = {"html": "report.html", "md": "summary.md", "junit": "junit.xml"}

    done = call("report", "last", "--format", form, cwd=passed.project)

    assert done.returncode == 0, done.stderr
    if form in left:
        assert done.stdout.strip() == (passed.folder / left[form]).read_text().strip()


def test_a_report_of_a_run_that_is_not_there_names_those_that_are(
    passed: Passed,
) -> None:
    done = call("report", "nope", cwd=passed.project)

    assert done.returncode == 2
    assert re.search(
        r"there is no run 'nope' in runs \(the last ones: \d{8}-", done.stderr
    )


def test_a_broken_off_run_can_be_reported(passed: Passed, tmp_path: Path) -> None:
    shutil.copytree(passed.project, tmp_path, dirs_exist_ok=True)
    journal = next((tmp_path / "runs").glob("*/events.jsonl"))
    journal.write_bytes(journal.read_bytes()[:-200])

    done = call("report", "last", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.startswith(("ABORTED", "UNSAFE"))


def test_a_new_project_has_an_experiment_that_is_valid(
    chaos: Chaos, tmp_path: Path
) -> None:
    made = chaos("init", "mine")

    checked = chaos("validate", "mine/experiments/first.yaml")

    assert made.returncode == 0, made.stderr
    assert checked.returncode == 0, checked.stderr
    assert (tmp_path / "mine" / ".github" / "workflows" / "chaos.yml").exists()


def test_init_keeps_what_is_there(chaos: Chaos, tmp_path: Path) -> None:
    chaos("init")
    mine = tmp_path / "experiments" / "first.yaml"
    mine.write_text("title: mine\n")

    again = chaos("init")

    assert "kept     experiments/first.yaml" in again.stdout
    assert mine.read_text() == "title: mine\n"


def test_list_names_everything_with_its_origin(chaos: Chaos) -> None:
    done = chaos("list", cwd=ROOT)

    assert re.search(r"network\.partition +built in", done.stdout)
    assert re.search(r"orders\.lost +this project", done.stdout)


def test_list_tells_all_about_one(chaos: Chaos, snapshot: SnapshotAssertion) -> None:
    done = chaos("list", "faults", "network.latency")

    assert done.stdout == snapshot


def test_list_offers_the_nearest_name(chaos: Chaos) -> None:
    done = chaos("list", "probes", "htp")

    assert done.returncode == 2
    assert "did you mean 'http'?" in done.stderr


def test_doctor_says_what_the_machine_offers(chaos: Chaos) -> None:
    done = chaos("doctor", "--format", "json")

    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert found["python"]["ok"]
    assert {"docker", "kubernetes", "toxiproxy", "root"} <= found.keys()


def test_the_schema_is_json(chaos: Chaos) -> None:
    done = chaos("schema")

    assert done.returncode == 0, done.stderr
    assert "perturbations" in json.loads(done.stdout)["properties"]


def test_a_setting_that_is_none_is_refused(chaos: Chaos, tmp_path: Path) -> None:
    done = chaos("run", write(tmp_path, NOTHING), "--set", "nonsense")

    assert done.returncode == 2
    assert "'nonsense' is not KEY=VALUE" in done.stderr


def test_a_setting_replaces_a_configured_value(chaos: Chaos, tmp_path: Path) -> None:
    probe = {"probe": "process", "command": ["echo", "${word}"]}
    path = write(tmp_path, {"configuration": {"word": "a"}, "perturbations": [probe]})

    done = chaos("run", path, "--set", "word=changed", "-v")

    assert "changed" in done.stderr


def test_a_folder_that_cannot_be_made_is_one_clear_error(
    chaos: Chaos, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")

    done = chaos("run", write(tmp_path, NOTHING), "--runs", "taken")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "taken" in done.stderr


def test_secrets_are_in_no_journal_report_or_line(chaos: Chaos, tmp_path: Path) -> None:
    secret = 'tr0ub4dor&3 "quoted" \\ back'  # noqa: S105 - nobody's
    experiment = {
        "secrets": {"shop": {"password": secret}},
        "perturbations": [
            {"probe": "process", "name": "leak", "command": ["echo", "${password}"]},
            {
                "action": "process",
                "command": ["sh", "-c", "echo ${password} >&2; false"],
            },
        ],
    }

    done = chaos("run", write(tmp_path, experiment), "-v")

    left = [file.read_text() for file in tmp_path.glob("runs/*/*")]
    assert len(left) == 5
    for text in [*left, done.stdout, done.stderr]:
        assert "tr0ub4dor" not in text


def test_in_a_github_job_each_run_is_added_to_the_summary(
    chaos: Chaos, tmp_path: Path
) -> None:
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    file = write(tmp_path, {**HELD, **NOTHING})

    chaos("run", file, file, GITHUB_STEP_SUMMARY=str(summary))

    assert summary.read_text().startswith("before\n<!-- chaos-mcp:")
    assert summary.read_text().count("PASSED") == 2


def test_a_summary_that_cannot_be_written_is_said_and_harms_nothing(
    chaos: Chaos, tmp_path: Path
) -> None:
    full = tmp_path / "full"
    full.write_text("x" * 1024 * 1024)
    file = write(tmp_path, {**HELD, **NOTHING})

    nowhere = chaos("run", file, GITHUB_STEP_SUMMARY=str(tmp_path / "no" / "file"))
    overfull = chaos("run", file, GITHUB_STEP_SUMMARY=str(full))

    assert (nowhere.returncode, overfull.returncode) == (0, 0)
    assert "not in the job's summary" in nowhere.stderr
    assert overfull.stderr.endswith("not in the job's summary: it is full\n")
    assert full.stat().st_size == 1024 * 1024


def test_a_picture_goes_to_a_file(chaos: Chaos, passed: Passed) -> None:
    pytest.importorskip("vl_convert", reason="the extra `charts` is missing")

    done = chaos("report", "last", "--format", "png", "-o", "a.png", cwd=passed.project)

    assert done.returncode == 0, done.stderr
    assert (passed.project / "a.png").read_bytes().startswith(b"\x89PNG")
