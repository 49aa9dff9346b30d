"""Start a process of the demo, as an experiment does, and see it end as it should."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the demo that said it is ready."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def listen(self) -> str:
        return str(self.ready["listen"])

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"http://{self.listen}"

    def end(self) -> tuple[int, float, str]:
        """Send SIGTERM; return the exit code, seconds taken and what it still said."""
        began = time.monotonic()
        self.process.terminate()
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - began, said


@contextlib.contextmanager
def running(
    module: str, *arguments: str, listen: str = "127.0.0.1:0"
) -> Iterator[Running]:
    """Run `chaos_mcp.demo.MODULE` on a free port for as long as the block runs."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            f"chaos_mcp.demo.{module}",
            "--listen",
            listen,
            *arguments,
        ],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("{"), line + process.stderr.read()
            yield Running(process, json.loads(line))
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            finally:
                process.kill()


def refused(module: str, *arguments: str) -> tuple[int, str]:
    """Run a demo module that should not start; return exit code and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", f"chaos_mcp.demo.{module}", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={},
    )
    return done.returncode, done.stderr
