"""Whoever starts a worker again: `python -m chaos_mcp.demo.supervisor -- COMMAND…`."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

PAUSE = 0.1
"""Seconds between a worker's end and the next."""
GOING = 3.0
"""Seconds that a worker has to end after SIGTERM."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command again and again, until we are told to stop."""
    parser = argparse.ArgumentParser(
        prog="chaos_mcp.demo.supervisor",
        description="Run a command, and run it again whenever it has ended.",
    )
    parser.add_argument("command", nargs="+", help="the worker, after --")
    command = parser.parse_args(arguments).command
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    while True:
        _once(command)
        time.sleep(PAUSE)


def _once(command: list[str]) -> None:
    """Run the worker to its end, or to ours."""
    with subprocess.Popen(command) as worker:  # noqa: S603 - what we were told to run
        try:
            code = worker.wait()
        finally:
            _end(worker)
    sys.stderr.write(f"the worker has ended with exit code {code}\n")


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        worker.terminate()
        try:
            worker.wait(GOING)
        except subprocess.TimeoutExpired:
            worker.kill()


def _stop(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
