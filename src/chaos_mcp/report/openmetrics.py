"""The run's figures as an OpenMetrics text file, for a scraper or a push gateway.

Every family is a gauge: node_exporter's textfile collector, which reads Prometheus'
older text format, then takes the same file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured, WorkloadSampled
from chaos_mcp.journal.resources import courses
from chaos_mcp.report.foreign import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.report.reading import Reading

QUANTILES = {"p50": "0.5", "p95": "0.95", "p99": "0.99"}


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its values, by their labels."""

    name: str
    help: str
    values: tuple[tuple[Mapping[str, object], float], ...]


def render(reading: Reading) -> str:
    """Return the exposition, which ends with its end marker."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield one family at a time."""
    common = {"experiment": reading.started.title, "run": reading.started.run}
    for family in _families(reading):
        if family.values:
            yield f"# TYPE {family.name} gauge\n# HELP {family.name} {family.help}\n"
            for labels, value in family.values:
                yield f"{family.name}{{{_labels({**common, **labels})}}} {value:.10g}\n"
    yield "# EOF\n"


def _labels(labels: Mapping[str, object]) -> str:
    return ",".join(f'{name}="{label(value)}"' for name, value in labels.items())


def _families(reading: Reading) -> Iterator[Family]:
    outcome, started = reading.outcome, reading.started
    length = reading.events[-1].at if reading.events else 0.0
    verdict = {"verdict": outcome.result, "profile": reading.score.profile}
    yield Family("chaos_run", "What came of the run; always 1.", ((verdict, 1),))
    yield _one("chaos_run_exit_code", "Its exit code.", outcome.exit_code)
    yield _one("chaos_run_started_seconds", "When it began.", started.wall)
    yield _one("chaos_run_length_seconds", "How long it took.", length)
    yield from _score(reading)
    yield from _traffic(reading)
    yield _probes(reading)
    yield _faults(reading)
    yield from _resources(reading)


def _one(name: str, words: str, value: float | None) -> Family:
    return Family(name, words, () if value is None else (({}, value),))


def _score(reading: Reading) -> Iterator[Family]:
    score = reading.score
    yield _one("chaos_score", "Stability, from 0 to 100.", score.value)
    yield _one("chaos_score_low", "Lower end of its 95 % interval.", score.low)
    yield _one("chaos_score_high", "Upper end of its 95 % interval.", score.high)
    lost = tuple(({"part": one.name}, one.lost) for one in score.parts)
    yield Family("chaos_score_lost_points", "Points lost, by part.", lost)
    took = score.recovery_time
    yield _one("chaos_recovery_seconds", "From the last undo to recovered.", took)
    outage = score.outage_seconds if score.seconds else None
    yield _one("chaos_outage_seconds", "Loss in seconds of full outage.", outage)
    yield _one("chaos_error_budget_burn_rate", "1 is as promised.", score.burn_rate)


def _traffic(reading: Reading) -> Iterator[Family]:
    counted: Counter[tuple[str, str]] = Counter()
    for event in reading.events:
        if isinstance(event, WorkloadSampled):
            counted.update((event.name, result) for result in event.result)
    requests = tuple(
        ({"workload": name, "result": result}, float(number))
        for (name, result), number in sorted(counted.items())
    )
    yield Family("chaos_requests", "Requests sent, by what came of them.", requests)
    latencies = tuple(
        ({"window": window, "quantile": QUANTILES[name]}, value)
        for window, found in reading.score.latencies.items()
        for name, value in found.items()
        if name in QUANTILES
    )
    words = "Latency, failures at their deadline."
    yield Family("chaos_latency_seconds", words, latencies)


def _probes(reading: Reading) -> Family:
    counted = Counter(
        (event.name, event.verdict)
        for event in reading.events
        if isinstance(event, ProbeMeasured)
    )
    values = tuple(
        ({"probe": name, "verdict": verdict}, float(number))
        for (name, verdict), number in sorted(counted.items())
    )
    return Family("chaos_probe_answers", "Answers of probes, by verdict.", values)


def _resources(reading: Reading) -> Iterator[Family]:
    """Yield what each part used; one whose figures are unknown has none."""
    found = courses(reading.events)
    told = [({"part": one.part, "name": one.name}, one) for one in found]
    windows = reading.windows
    spans = {
        "baseline": windows.baseline,
        "fault": windows.fault,
        "recovery": windows.recovery,
    }
    busy = tuple(
        ({**labels, "window": name}, mean)
        for labels, one in told
        for name, span in spans.items()
        if (mean := one.mean_cores(span)) is not None
    )
    yield Family("chaos_cores", "Cores that a part kept busy, on average.", busy)
    most = tuple((la, c) for la, one in told if (c := one.most_cores) is not None)
    yield Family("chaos_cores_most", "The most that it did, in a second.", most)
    memory = tuple(
        (labels, float(one.most_memory))
        for labels, one in told
        if one.most_memory is not None
    )
    yield Family("chaos_memory_most_bytes", "The most that it had resident.", memory)


def _faults(reading: Reading) -> Family:
    values = tuple(
        (
            {
                "fault": band.name,
                "id": band.fault,
                "proven": str(band.proven).lower(),
                "verified": str(band.verified).lower(),
            },
            band.end - band.start,
        )
        for band in reading.bands
    )
    return Family("chaos_fault_seconds", "How long each fault stood.", values)
