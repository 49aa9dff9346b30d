"""Whole-process time and memory beside Chaos Toolkit's `chaos`: `make bench`.

`python -m benchmarks proxy` compares the embedded proxy with Toxiproxy instead.

Both are called in turn, A B A B, so that a machine whose speed drifts is fair to both.
Figures are medians; ratios are ours divided by theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import proxy

ROUNDS = 7
MARGIN = (2_000, 20_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one call of a command took."""

    seconds: float
    mebibytes: float
    processor: float = 0.0
    """Seconds of processor, which tell more on a machine that is busy otherwise."""


def measure(command: list[str], folder: Path) -> Measured:
    """Run a command to its end; raise if it fails."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("PYTHONDONT")
    }
    began = time.perf_counter()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        said = (folder / "output").read_text("utf-8", "replace")[-500:]
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{said}")
    processor = usage.ru_utime + usage.ru_stime
    return Measured(seconds, usage.ru_maxrss / 1024, processor)


def compare(
    name: str, ours: list[str], theirs: list[str], folder: Path, rounds: int = ROUNDS
) -> None:
    """Call both in turn and print the medians and their ratio."""
    measure(ours, folder)
    measure(theirs, folder)
    pairs = [(measure(ours, folder), measure(theirs, folder)) for _ in range(rounds)]
    mine = statistics.median(one.seconds for one, _ in pairs)
    other = statistics.median(one.seconds for _, one in pairs)
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    memory = statistics.median(a.mebibytes / b.mebibytes for a, b in pairs)
    sys.stdout.write(
        f"{name:<22} ours {mine:6.3f} s  theirs {other:6.3f} s  "
        f"ratio {ratio:5.2f}  memory {memory:5.2f}\n"
    )
    sys.stdout.flush()


def experiment(folder: Path, probes: int) -> str:
    """Write an experiment of so many trivial python probes and return its name."""
    probe = {
        "type": "probe",
        "name": "trivial",
        "provider": {"type": "python", "module": "os", "func": "getcwd"},
    }
    method = [{**probe, "name": f"trivial {n}"} for n in range(probes)]
    path = folder / f"probes-{probes}.json"
    whole = {"title": "trivial", "description": "trivial", "method": method}
    path.write_text(json.dumps({"version": "1.0.0", **whole, "rollbacks": []}))
    return path.name


def main() -> None:
    """Measure what the issue asks for."""
    if sys.argv[1:2] == ["proxy"]:
        sys.exit(proxy.main(sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer", default="", help="Chaos Toolkit's `chaos`, from its own environment"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--margin", action="store_true", help="thousands of probes too")
    options = parser.parse_args()
    scripts = Path(sysconfig.get_path("scripts"))
    ours = [str(scripts / "chaos-mcp")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = [options.peer or str(peer(folder))]
        one = experiment(folder, 1)
        for title, arguments in (
            ("--version", ["--version"]),
            ("--help", ["--help"]),
            ("validate", ["validate", one]),
            ("run, one probe", ["run", one]),
        ):
            command = [*ours, *arguments], [*theirs, *arguments]
            compare(title, *command, folder, options.rounds)
        if options.margin:
            for count in MARGIN:
                many = experiment(folder, count)
                quiet = [*ours, "run", "-q", many], [*theirs, "run", many]
                compare(f"run, {count} probes", *quiet, folder, 3)


def peer(folder: Path) -> Path:
    """Return Chaos Toolkit's command, installed in an environment of its own."""
    home = folder / "peer"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "pip"), "install", "--quiet", "chaostoolkit>=1.19"]
    subprocess.run(pip, check=True)
    return home / "bin" / "chaos"


if __name__ == "__main__":
    main()
