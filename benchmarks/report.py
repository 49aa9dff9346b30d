"""How long a report of a very long run takes, and how large it is.

`python -m benchmarks.report [--size N]`: writes two journals and calls `chaos report`
on each, as a user would. One has N requests, a thousand a second; the other N lines of
journal, most of them answers of probes. Times are those of the whole process.

Beside it a process that does nothing but parse the same lines by `json.loads`, in turn
with ours. The ratio of both processor times holds on a busy machine too; the journal of
N lines fails the benchmark over LONGEST seconds on a quiet machine (`--check`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
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
LONGEST = 10.0
"""Seconds that a report of a million lines may take."""
MOST = 2.5
"""How many times as much processor as parsing alone a report of them may take."""
PARSE = """
import json, sys
with open(sys.argv[1], "rb") as file:
    for line in file:
        json.loads(line)
"""
BAD = 0.3
"""The share of requests that fail under harm."""
PROBES = 100
"""Answers a second, in the journal that has many lines."""
CHAOS = (sys.executable, "-m", "chaos_mcp.cli")
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


def main() -> int:
    """Measure both; return 1 if asked to and a million lines took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--format", default="html")
    parser.add_argument("--check", action="store_true", help="fail if it is too slow")
    arguments = parser.parse_args()
    fine = True
    for name in JOURNALS:
        seconds, ratio = told(name, arguments.size, arguments.format)
        fine &= name != "lines" or (seconds < LONGEST and ratio < MOST)
    return int(arguments.check and not fine)


def told(name: str, size: int, form: str) -> tuple[float, float]:
    """Measure one journal; return the seconds, and the ratio to parsing alone."""
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        lines = write(here / "run", JOURNALS[name](size))
        journal, output = here / "run" / "events.jsonl", here / "report"
        parse = [sys.executable, "-c", PARSE, str(journal)]
        command = [*CHAOS, "report", str(here / "run"), "--format", form]
        peer = measure(parse, here)
        took = measure([*command, "-o", str(output)], here)
        again = measure(parse, here)
        ratio = 2 * took.processor / (peer.processor + again.processor)
        sys.stdout.write(
            f"{size} {name:<9} {lines} lines, {journal.stat().st_size / 1e6:.0f} MB: "
            f"{took.seconds:.1f} s ({took.processor:.1f} s of processor, "
            f"{ratio:.2f} times json.loads), {took.mebibytes:.0f} MiB, "
            f"report {output.stat().st_size / 1e6:.2f} MB\n"
        )
        sys.stdout.flush()
        return took.seconds, ratio


if __name__ == "__main__":
    sys.exit(main())
