"""The steps of a workflow, and a place to execute them as its runner would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
OUTSIDE = ("sudo", "gh", "make", "pip")
"""Programs that would change the machine or GitHub: what they are told is noted."""
BASH = shutil.which("bash") or "/bin/bash"
RECORD = """\
#!/bin/sh
echo "{name} $*" >>"$CALLS"
case "$*" in "issue list"*) printf '%s' "$OPEN_ISSUE";; esac
"""


@dataclass(frozen=True)
class Step:
    """A step that runs something, with all the environment that it is given."""

    job: str
    name: str
    run: str
    env: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Any:
    """Return a workflow, an action or a template."""
    return yaml.safe_load(path.read_text("utf-8"))


def steps(document: Any) -> Iterator[Step]:
    """Yield the steps of a workflow, or of a composite action, that run something."""
    jobs = document.get("jobs") or {"action": document["runs"]}
    for job, body in jobs.items():
        for step in body["steps"]:
            if "run" in step:
                env = {
                    **document.get("env", {}),
                    **body.get("env", {}),
                    **step.get("env", {}),
                }
                yield Step(job, step.get("name", step["run"]), step["run"], env)


def uses(document: Any) -> list[str]:
    """Return the actions that a workflow uses."""
    jobs = document.get("jobs") or {"action": document["runs"]}
    found = [step.get("uses") for body in jobs.values() for step in body["steps"]]
    return [one for one in found if one]


@dataclass
class Runner:
    """A folder like a checkout, in which steps are executed as GitHub does it."""

    folder: Path
    values: dict[str, str]
    """What the expressions in `${{ }}` give."""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put programs in the way that only write down what they are told."""
        shims = self.folder / ".shims"
        shims.mkdir()
        for name in OUTSIDE:
            (shims / name).write_text(RECORD.format(name=name), "utf-8")
            (shims / name).chmod(0o755)
        (self.folder / ".venv" / "bin").mkdir(parents=True)
        here = Path(sys.executable).parent
        (self.folder / ".venv/bin/chaos").symlink_to(here / "chaos")
        self.environment = {
            **os.environ,
            "PATH": f"{shims}{os.pathsep}{here}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(self.calls_file),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder / "temp"),
            **self.environment,
        }

    @property
    def calls_file(self) -> Path:
        """Return where the calls to programs outside are written down."""
        return self.folder / ".calls"

    @property
    def calls(self) -> list[str]:
        """Return the calls to programs outside."""
        if not self.calls_file.exists():
            return []
        return self.calls_file.read_text("utf-8").splitlines()

    def execute(self, step: Step) -> subprocess.CompletedProcess[str]:
        """Execute a step as GitHub does: bash that stops at the first failure."""
        script = self.folder / ".step.sh"
        script.write_text(self._filled(step.run), "utf-8")
        given = {name: self._filled(str(value)) for name, value in step.env.items()}
        return subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env={**self.environment, **given},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def _filled(self, text: str) -> str:
        return EXPRESSION.sub(lambda found: self.values[found[1]], text)

    def add(self, name: str) -> None:
        """Copy a file of the repository."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, self.folder / name)
