"""The load and the upstream: two small C programs, compiled when they are needed."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where something sends back, takes, and never stops sending."""

    echo: int
    sink: int
    source: int


@dataclass(slots=True)
class Load:
    """The compiled programs, and where the upstream listens."""

    folder: Path
    ports: Ports = field(default_factory=lambda: Ports(0, 0, 0))

    def run(self, what: str, port: int, *numbers: float) -> list[float]:
        """Put a load on a port, and return the numbers that it prints."""
        command = [str(self.folder / "load"), what, str(port), *map(str, numbers)]
        done = subprocess.run(
            command, capture_output=True, timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.decode().strip()}")
        return [float(one) for one in done.stdout.split()]

    @contextmanager
    def upstream(self) -> Iterator[None]:
        """Run the upstream."""
        with subprocess.Popen(
            [self.folder / "upstream"], stdout=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None  # noqa: S101 - it was asked for
                self.ports = Ports(*map(int, process.stdout.readline().split()))
                yield
            finally:
                process.kill()


def compiled(folder: Path) -> Load:
    """Compile both into a folder; end where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("a C compiler is needed for the load: cc or gcc")
    for name in ("load", "upstream"):
        source, target = HERE / f"{name}.c", folder / name
        subprocess.run([compiler, "-O2", "-o", target, source], check=True)
    return Load(folder)
