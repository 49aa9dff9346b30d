"""A run that a test may kill: `python -m tests.safety.victim EXPERIMENT RUNS LEASE`."""

from __future__ import annotations

import sys
from pathlib import Path

from chaos_mcp.errors import ChaosError
from chaos_mcp.runs import Options, run_sync


def main(experiment: str, runs: str, lease: str) -> int:
    """Run an experiment as the command line would, and end with its exit code."""
    options = Options(runs=Path(runs), lease=float(lease), handle_signals=True)
    try:
        return run_sync(Path(experiment), options).exit_code
    except ChaosError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
