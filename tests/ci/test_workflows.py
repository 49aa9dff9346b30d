"""What runs in CI is executed here, as it stands in the workflow files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.steps import BASH, ROOT, Runner, Step, read, steps, uses
from tests.proxy.parts import ACTIONLINT, NotToBeHad

WORKFLOWS = ROOT / ".github" / "workflows"
TEMPLATES = ROOT / "src/chaos_mcp/cli/templates/ci"
NIGHTLY = WORKFLOWS / "nightly-chaos.yml"
ALL = [
    WORKFLOWS / "ci.yml",
    NIGHTLY,
    ROOT / "action.yml",
    TEMPLATES / "github.yml",
]
QUICK = """\
title: a fault that harms nothing
steady-state-hypothesis:
  probes:
    - {name: the disk has room, probe: disk.free, path: /, expect: "> 0"}
perturbations:
  - {fault: none}
"""
BROKEN = QUICK.replace('"> 0"', '"> 1000 TiB"')
MATRIX = read(NIGHTLY)["jobs"]["experiment"]["strategy"]["matrix"]
VALUES = {
    "matrix.experiment": "quick",
    "github.token": "secret",
    "github.repository": "somebody/something",
    "github.server_url": "https://github.example",
    "github.run_id": "17",
    "github.action_path": str(ROOT),
}


@pytest.fixture
def runner(tmp_path: Path, state: Path) -> Runner:
    made = Runner(tmp_path, dict(VALUES), {"CHAOS_STATE_DIR": str(state)})
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/quick.yaml").write_text(QUICK, "utf-8")
    return made


def named(path: Path, name: str) -> Step:
    return next(step for step in steps(read(path)) if step.name == name)


def done(runner: Runner, step: Step, code: int = 0) -> str:
    ended = runner.execute(step)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def experiment_job(runner: Runner) -> None:
    for step in steps(read(NIGHTLY)):
        if step.job == "experiment":
            done(runner, step)


def test_the_nightly_job_runs_from_its_first_step_to_its_last(runner: Runner) -> None:
    experiment_job(runner)

    assert "make env" in runner.calls
    assert list(runner.folder.glob("runs/*/report.html"))
    assert (runner.folder / "history/quick.db").exists()
    summary = (runner.folder / "summary").read_text("utf-8")
    assert "PASSED" in summary


def test_the_second_night_is_held_to_the_first(runner: Runner) -> None:
    experiment_job(runner)

    told = done(runner, named(NIGHTLY, "Run"), 4)

    assert "not comparable with the baseline: neither run has figures" in told


def test_a_failed_night_fails_its_job_and_leaves_nothing(runner: Runner) -> None:
    (runner.folder / "experiments/quick.yaml").write_text(BROKEN, "utf-8")
    done(runner, named(NIGHTLY, "Install"))

    done(runner, named(NIGHTLY, "Run"), 4)
    done(runner, named(NIGHTLY, "Show the trend"))
    done(runner, named(NIGHTLY, "Put back what is left"))


@pytest.mark.parametrize(("open_issue", "call"), [("", "create"), ("12", "comment 12")])
def test_a_failure_opens_one_issue_and_adds_to_it_from_then_on(
    runner: Runner, open_issue: str, call: str
) -> None:
    runner.environment["OPEN_ISSUE"] = open_issue

    (step,) = (one for one in steps(read(NIGHTLY)) if one.job == "tell")
    done(runner, step)

    assert runner.calls[-1].startswith(f"gh issue {call}")
    assert "example/somebody/something/actions/runs/17" in runner.calls[-1]


@pytest.mark.parametrize("name", MATRIX["experiment"])
def test_every_experiment_of_the_night_is_there(name: str) -> None:
    assert (ROOT / "experiments" / f"{name}.yaml").exists()


def test_what_ci_calls_is_there(runner: Runner) -> None:
    parts, checks = list(steps(read(WORKFLOWS / "ci.yml")))

    done(runner, parts)
    assert runner.calls[-1].startswith("sudo apt-get install")
    assert checks.run == ".ci/run"
    subprocess.run([BASH, "-n", str(ROOT / ".ci/run")], check=True)


def test_the_template_runs_from_its_first_step_to_its_last(runner: Runner) -> None:
    for step in steps(read(TEMPLATES / "github.yml")):
        done(runner, step)

    assert "pip install chaos-mcp" in runner.calls
    assert list(runner.folder.glob("runs/*/report.html"))


@pytest.mark.parametrize(
    ("inputs", "code", "says"),
    [
        ({}, 0, "PASSED"),
        ({"fail-under": "90"}, 4, "INCONCLUSIVE"),
        ({"baseline": "never-set"}, 2, "never-set"),
        ({"notify": "slack"}, 0, "not told: slack: not set: CHAOS_NOTIFY_SLACK_URL"),
    ],
)
def test_the_action_hands_its_inputs_on(
    runner: Runner, inputs: dict[str, str], code: int, says: str
) -> None:
    given = {"experiments": "\nexperiments/quick.yaml\n\n", "requirement": "", **inputs}
    for name in read(ROOT / "action.yml")["inputs"]:
        runner.values[f"inputs.{name}"] = given.get(name, "")
    chaos = runner.folder / "temp/chaos-mcp/bin/chaos"
    chaos.parent.mkdir(parents=True)
    chaos.symlink_to(runner.folder / ".venv/bin/chaos")

    told = done(runner, named(ROOT / "action.yml", "Run"), code)

    assert says in told
    done(runner, named(ROOT / "action.yml", "Put back what is left"))


def test_what_the_action_installs_is_this_version(runner: Runner) -> None:
    """Pip is told of the action's own folder, and of its constraints."""
    runner.values["inputs.requirement"] = ""
    python = runner.folder / ".shims/python"
    shutil.copy(runner.folder / ".shims/pip", python)
    pip = runner.folder / "temp/chaos-mcp/bin/pip"
    pip.parent.mkdir(parents=True)
    shutil.copy(runner.folder / ".shims/pip", pip)

    done(runner, named(ROOT / "action.yml", "Install"))

    told = f"pip install --quiet --constraint {ROOT}/constraints.txt {ROOT}"
    assert runner.calls[-1] == told
    assert (ROOT / "constraints.txt").exists()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path: Path) -> None:
    assert all(re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", one) for one in uses(read(path)))


@pytest.mark.parametrize("path", ALL[:2] + ALL[3:], ids=lambda path: path.name)
def test_jobs_may_only_read_unless_they_say_why(path: Path) -> None:
    document = read(path)

    assert document["permissions"] == {"contents": "read"}
    jobs = document["jobs"].items()
    wider = {name: job["permissions"] for name, job in jobs if "permissions" in job}
    assert wider in ({}, {"tell": {"issues": "write"}})


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_what_others_say_never_becomes_a_part_of_a_script(path: Path) -> None:
    for step in steps(read(path)):
        assert "${{" not in step.run, step.name


@pytest.mark.parametrize("path", ALL[:2] + ALL[3:], ids=lambda path: path.name)
def test_actionlint_finds_nothing(path: Path) -> None:
    try:
        program = ACTIONLINT.had()
    except NotToBeHad as error:
        pytest.skip(str(error))

    found = subprocess.run([program, path], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (0, "")


def test_zizmor_finds_nothing() -> None:
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program, "it stands in the group `lint`"

    found = subprocess.run(
        [program, "--offline", "--no-progress", *ALL],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ["gitlab.yml", "Jenkinsfile"])
def test_the_other_systems_put_back_whatever_happens(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")

    assert "chaos run experiments/" in text
    assert re.search(r"(after_script|always).*chaos recover", text, re.DOTALL)
