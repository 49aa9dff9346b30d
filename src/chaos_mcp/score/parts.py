"""The six parts of the score, from sums of requests: each a ratio from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.journal.tally import quality, steady_from
from chaos_mcp.score.samples import Sums, total
from chaos_mcp.score.weights import weights

if TYPE_CHECKING:
    from chaos_mcp.score.running import Row


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is measured by; the same for every resample of it."""

    rto: float
    hold: float
    allowance: float
    """Requests that may be bad over the measured time, by what was promised."""
    waited: bool
    """Whether anybody waited for the system to come back."""
    detection: float | None
    """The ratio of that part; None where no detector is declared."""
    detected: float | None = None
    """Seconds from the first harm to the detector's first deviation."""

    @property
    def weights(self) -> dict[str, float]:
        """Return the weights in force, which give 100 together."""
        return weights(waited=self.waited, detecting=self.detection is not None)


@dataclass(frozen=True, slots=True)
class Course:
    """How the system came back: its seconds after the last verified undo."""

    seconds: Row
    back: int | None
    """The first second from which it stayed as good as before; None: never."""

    @property
    def last(self) -> Sums:
        """Return the last half of it together."""
        return self.seconds.since(len(self.seconds) // 2)


def ratios(before: Sums, under: Sums, course: Course, terms: Terms) -> dict[str, float]:
    """Return each part's ratio; of a part that isn't counted it is 1."""
    waited = terms.waited
    back = 0.0 if course.back is None else in_time(course.back, terms.rto)
    return {
        "availability": over(under.succeeded, under.due, before.succeeded, before.due),
        "latency": over(under.utility, under.due, before.utility, before.due),
        "error budget": budget(since_harm(under, course), terms.allowance),
        "recovery": back if waited else 1.0,
        "residual": residual(course.last, before) if waited else 1.0,
        "detection": 1.0 if terms.detection is None else terms.detection,
    }


def course_of(seconds: Row, before: Sums, hold: float) -> Course:
    """Return how the system came back in these seconds."""
    normal = before.good / before.due if before.due else 0.0
    return Course(seconds, steady_from(quality(seconds, normal), hold))


def in_time(took: float, rto: float) -> float:
    """Return 1 - t / RTO; an objective of nothing is met by nothing but 0."""
    if rto <= 0:
        return 0.0 if took else 1.0
    return clip(1 - took / rto)


def residual(last: Sums, before: Sums) -> float:
    """Return the goodput of the last half of recovery over the baseline's."""
    return over(last.good, last.due, before.good, before.due)


def since_harm(under: Sums, after: Course) -> Sums:
    """Return the requests from the first harm to the end of recovery."""
    return total([under, after.seconds.since(0)])


def budget(since: Sums, allowance: float) -> float:
    """Return what is left of the error budget, as a ratio."""
    bad = since.due - since.good
    if allowance <= 0:
        return 0.0 if bad else 1.0
    return clip(1 - bad / allowance)


def over(some: float, of: float, before: float, of_before: float) -> float:
    """Return one share over another, from 0 to 1; 0 where either is of nothing."""
    if of <= 0 or before <= 0:
        return 0.0
    return clip((some * of_before) / (of * before))


def clip(ratio: float) -> float:
    """Return a number moved into the range from 0 to 1."""
    return min(1.0, max(0.0, ratio))
