"""Runs that a test may kill, each in a process of its own.

`python -m tests.safety.victim` loads everything once, and then forks for each line of
JSON on stdin: the experiment's file, the folder for runs, the lease, the folder of the
index, and the failpoints. It answers with the number of the process, and with how that
ended once it has, each as a line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import chaos_mcp.adapters.docker.engine
import chaos_mcp.engine.recover
import chaos_mcp.report.html
import chaos_mcp.report.markdown
from chaos_mcp import failpoints
from chaos_mcp.errors import ChaosError
from chaos_mcp.machine.place import VARIABLE as STATE
from chaos_mcp.runs import Options, run_sync


def main() -> None:
    """Start what is asked for, until nobody asks any more."""
    chaos_mcp.adapters.docker.engine.load()
    signal.signal(signal.SIGCHLD, _ended)
    os.nice(10)  # others measure how quickly something goes
    for line in sys.stdin:
        asked = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork()
        if pid == 0:
            _run(asked)
        _say({"number": asked["number"], "pid": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _ended(*_: Any) -> None:
    """Tell of every process that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _say({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _run(asked: dict[str, Any]) -> None:
    """Run an experiment as the command line would, and end with its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    os.environ[STATE] = asked["state"]
    failpoints.ask(asked["failpoints"])
    options = Options(
        runs=Path(asked["runs"]), lease=asked["lease"], handle_signals=True
    )
    code = 70
    try:
        code = run_sync(Path(asked["experiment"]), options).exit_code
    except ChaosError:
        code = 2
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
