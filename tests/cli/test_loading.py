"""Commands load what they use, and start quickly for it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SDKS = {"kubernetes", "docker", "toxiproxy", "chaoslib", "redis", "fakeredis"}
HEAVY = {"pydantic", "annotated_types", "importlib.metadata", "httpx", "rich", "yaml"}
"""What takes longer to load than most of ours together; pydantic's core does not."""
LATER = {"anyio", "asyncio", "structlog", "psutil", "subprocess", "ssl", "socket"}
"""What only a run needs."""
ENGINE = {"chaos_mcp.engine.runner", "chaos_mcp.events", "chaos_mcp.report.html"}
UNUSED = {
    "chaos_mcp.adapters.chaostoolkit_controls",
    "chaos_mcp.engine.processes",
    "chaos_mcp.engine.proxies",
    "chaos_mcp.engine.traffic",
    "chaos_mcp.journal.impact",
    "chaos_mcp.score.figures",
    "chaos_mcp.score.sequential",
    "ctypes",
    "importlib.resources",
    "tempfile",
    "tenacity",
}
"""What a run without a system, a workload and a fault has no use for."""

PROBE = {
    "type": "probe",
    "name": "where",
    "provider": {"type": "python", "module": "os", "func": "getcwd"},
}
PROGRAM = """\
import json, sys
before = {{*sys.modules}}
from chaos_mcp.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    print(json.dumps([end.code, sorted({{*sys.modules}} - before)]))
"""


def loaded(folder: Path, *arguments: str) -> set[str]:
    """Return the modules that a command which succeeds leaves behind."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=[*arguments])],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    file = tmp_path / "one.json"
    data: dict[str, Any] = {"title": "one", "description": "", "method": [PROBE]}
    file.write_text(json.dumps({**data, "rollbacks": []}))
    return file


def test_checking_one_probe_loads_nothing_heavy(experiment: Path) -> None:
    modules = loaded(experiment.parent, "validate", experiment.name)

    assert modules & (SDKS | HEAVY | LATER | ENGINE) == set()


def test_running_one_probe_loads_no_more_than_it_uses(experiment: Path) -> None:
    modules = loaded(experiment.parent, "run", experiment.name)

    assert modules & (SDKS | HEAVY | UNUSED) == set()
    assert "chaos_mcp.report.html" in modules


def test_checking_a_whole_experiment_loads_no_sdk() -> None:
    modules = loaded(ROOT, "validate", "experiments/partition.yaml")

    assert modules & (SDKS | ENGINE | {"rich", "httpx", "structlog"}) == set()


def test_a_program_that_calls_us_keeps_its_collector_as_it_is() -> None:
    program = (
        "import gc; before = gc.get_threshold(), gc.get_freeze_count();"
        "import chaos_mcp.cli, chaos_mcp.runs;"
        "print(gc.isenabled(), before == (gc.get_threshold(), gc.get_freeze_count()))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "True True\n"
