"""How long a report of a very long run takes, and how large it is.

`python -m benchmarks.report [--size N]`: writes two journals and calls `chaos report`
on each, as a user would. One has N requests, a thousand a second; the other N lines of
journal, most of them answers of probes. Times are those of the whole process.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.__main__ import measure
from chaos_mcp.journal.line import seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 1_000_000
RATE = 1000
DEADLINE = 2.0
BAD = 0.3
"""The share of requests that fail under harm."""
PROBES = 100
"""Answers a second, in the journal that has many lines."""
CHAOS = Path(sysconfig.get_path("scripts")) / "chaos"
FAULT: dict[str, Any] = {"fault": "1-network.partition", "name": "cut the cache off"}

Line = tuple[float, str, dict[str, Any]]
"""When, which kind of event, and what it says."""


def begin(rate: float) -> Iterator[Line]:
    """Yield how a run begins."""
    promise = {
        "name": "checkout",
        "rate": rate,
        "deadline": DEADLINE,
        "latency": 0.3,
        "availability": 0.99,
    }
    started = {"title": "A very long run", "experiment": {"title": "A very long run"}}
    settings = {"workloads": [promise], "rto": 30.0, "threshold": 80}
    yield 0.0, "run.started", {**started, "seed": 7, "settings": settings}
    traffic = {"name": "checkout", "rate": rate, "deadline": DEADLINE}
    yield 0.0, "workload.started", traffic
    yield 0.0, "phase.started", {"phase": "baseline"}


def harm(at: float) -> Iterator[Line]:
    """Yield how a fault is injected."""
    yield at, "phase.started", {"phase": "inject"}
    armed = {"spec": {"fault": "network.partition"}, "memo": {}, "owner": "bench"}
    times = {"lease": 10.0, "expires": 2e9, "target": "cache"}
    yield at, "fault.armed", {**FAULT, **armed, **times}
    yield at, "fault.injected", FAULT
    yield at + 0.1, "fault.proven", {**FAULT, "evidence": {"dropped_bytes": 64}}


def heal(at: float) -> Iterator[Line]:
    """Yield how it is taken back."""
    yield at, "fault.undoing", FAULT
    yield at, "fault.undone", FAULT
    yield at, "fault.verified", {**FAULT, "evidence": {"toxics": 0}}
    yield at, "phase.started", {"phase": "recovery"}


def second(at: int, rate: int, chance: random.Random, *, bad: bool) -> Line:
    """Return a second of traffic."""
    latency = [round(chance.lognormvariate(-4, 0.6), 6) for _ in range(rate)]
    share = BAD if bad else 0.0
    said = ["timeout" if chance.random() < share else "ok" for _ in range(rate)]
    sent = [round(at + number / rate, 6) for number in range(rate)]
    columns = {"name": "checkout", "sent": sent, "latency": latency, "result": said}
    return at + 1.0, "workload.sampled", columns


def run(length: int, rate: int, probes: int) -> Iterator[Line]:
    """Yield a whole run: the second third of it under harm, now and then an answer."""
    chance = random.Random(7)  # noqa: S311 - the same journal each time
    yield from begin(rate)
    third = length // 3
    for at in range(length):
        if at == third:
            yield from harm(float(at))
        if at == 2 * third:
            yield from heal(float(at))
        bad = third <= at < 2 * third
        yield from (_answer(at + n / probes, chance) for n in range(probes))
        yield second(at, rate, chance, bad=bad)
    yield float(length), "workload.stopped", {"name": "checkout", "sent": length * rate}
    yield float(length), "run.ended", {}


def _answer(at: float, chance: random.Random) -> Line:
    """Return the answer of a safeguard that is content: another would end the run."""
    value = round(chance.gauss(100, 5), 2)
    role = {"role": "safeguard", "verdict": "held", "value": value}
    return at, "probe.measured", {"name": "queue length", **role}


def write(folder: Path, lines: Iterator[Line]) -> int:
    """Write a journal and return how many lines it has."""
    folder.mkdir()
    number = -1
    with (folder / "events.jsonl").open("wb") as file:
        for number, (at, kind, data) in enumerate(lines):
            stamp = {"run": "bench", "seq": number, "at": round(at, 6), "wall": at}
            line = json.dumps({**stamp, "kind": kind, **data}, separators=(",", ":"))
            file.write(seal(line.encode()))
    return number + 1


JOURNALS: dict[str, Callable[[int], Iterator[Line]]] = {
    "requests": lambda size: run(size // RATE, RATE, 0),
    "lines": lambda size: run(size // (PROBES + 1), 10, PROBES),
}


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--format", default="html")
    arguments = parser.parse_args()
    for name, made in JOURNALS.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "run"
            lines = write(folder, made(arguments.size))
            journal = (folder / "events.jsonl").stat().st_size
            output = Path(temporary) / "report"
            command = [str(CHAOS), "report", str(folder), "--format", arguments.format]
            took = measure([*command, "-o", str(output)], Path(temporary))
            sys.stdout.write(
                f"{arguments.size} {name:<9} {lines} lines, {journal / 1e6:.0f} MB: "
                f"{took.seconds:.1f} s ({took.processor:.1f} s of processor), "
                f"{took.mebibytes:.0f} MiB, "
                f"report {output.stat().st_size / 1e6:.2f} MB\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
