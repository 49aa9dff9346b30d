"""Experiment files as tests: `pytest --chaos experiments/`."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDINGS = (".yaml", ".yml", ".json")
KEYS = re.compile(
    r'(?:^|[{,])\s*"?(perturbations|method|steady-state-hypothesis)"?\s*:', re.MULTILINE
)
TITLE = re.compile(r'(?:^|[{,])\s*"?title"?\s*:', re.MULTILINE)


def collector(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return what collects an experiment file; None if it is none."""
    if path.suffix not in ENDINGS:
        return None
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text("utf-8")
        if TITLE.search(text) and KEYS.search(text):
            made: ExperimentFile = ExperimentFile.from_parent(parent, path=path)
            return made
    return None


class ExperimentFile(pytest.File):
    """A file with one experiment."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the experiment."""
        yield ExperimentItem.from_parent(self, name=self.path.stem)


class ExperimentItem(pytest.Item):
    """An experiment, which has to pass."""

    def runtest(self) -> None:
        """Run it; raise `NotStable` unless it passed, with its score."""
        from chaos_mcp.library import assert_stable  # noqa: PLC0415 - the engine
        from chaos_mcp.pytest_plugin.experiments import (  # noqa: PLC0415 - the engine
            carried_out,
            least,
        )

        result = carried_out(self, self.path, None)
        assert_stable(result, min_score=least(self.config))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Say what went wrong as `chaos run` does, without a traceback."""
        if isinstance(excinfo.value, ChaosError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, and what the test is called."""
        return self.path, 0, f"experiment: {self.name}"
