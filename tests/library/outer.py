"""A pytest of its own, as somebody's project would call it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "examples" / "redis-suite"


def command(*arguments: object) -> list[str]:
    """Return how pytest is called with the plugin, which may be installed or not."""
    there = any(one.name == "chaos" for one in entry_points(group="pytest11"))
    plugin = [] if there else ["-p", "chaos_mcp.pytest_plugin"]
    called = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin]
    return [*called, "-p", "no:randomly", *map(str, arguments)]


def environment(state: Path) -> dict[str, str]:
    """Return what a pytest of somebody else has in its environment."""
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    unwanted = ("PYTEST_", "COV", "CHAOS_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return {**kept, "PYTHONPATH": path, "CHAOS_STATE_DIR": str(state), "COLUMNS": "200"}


def outer(
    folder: Path, *arguments: object, timeout: float = 100, **files: str
) -> subprocess.CompletedProcess[str]:
    """Write test modules and run them."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text), "utf-8")
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(folder / "state"),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
