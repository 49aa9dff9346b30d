"""Where the points went: each part of the score with what was measured, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.words import seconds, share
from chaos_mcp.score.model import PartScore
from chaos_mcp.score.parts import over, since_harm
from chaos_mcp.score.weights import WEIGHTS

if TYPE_CHECKING:
    from chaos_mcp.score.case import Case

NOT_WAITED = "not counted: nobody waited for the system to come back"
NOT_DECLARED = "not counted: no detector is declared"


def waterfall(case: Case) -> tuple[PartScore, ...]:
    """Return the parts of a score; their losses are 100 less the raw score."""
    ratios, weights = case.ratios, case.terms.weights
    words = _words(case)
    return tuple(
        PartScore(
            name=name,
            ratio=ratios[name],
            weight=weights[name],
            lost=weights[name] * (1 - ratios[name]),
            words=words[name],
        )
        for name in WEIGHTS
    )


def _words(case: Case) -> dict[str, str]:
    return {
        "availability": _availability(case),
        "latency": _latency(case),
        "error budget": _budget(case),
        "recovery": _recovery(case),
        "residual": _residual(case),
        "detection": _detection(case),
    }


def _availability(case: Case) -> str:
    before, under = case.before.whole, case.under.whole
    normal = share(over(before.succeeded, before.due, 1, 1))
    harmed = share(over(under.succeeded, under.due, 1, 1))
    return f"{harmed} of requests succeeded under harm, {normal} before"


def _latency(case: Case) -> str:
    before, under = case.before.whole, case.under.whole
    normal = over(before.utility, before.due, 1, 1)
    harmed = over(under.utility, under.due, 1, 1)
    return f"worth of the answers by their speed: {harmed:.2f}, {normal:.2f} before"


def _budget(case: Case) -> str:
    since = since_harm(case.under.whole, case.course)
    bad, allowed = since.due - since.good, case.terms.allowance
    return f"{bad:.0f} bad requests since the harm began, {allowed:.1f} allowed"


def _recovery(case: Case) -> str:
    aim = seconds(case.terms.rto)
    if not case.terms.waited:
        return NOT_WAITED
    if case.course.back is None:
        watched = len(case.course.seconds)
        return f"not back within the {watched} s that were watched (objective {aim})"
    return f"back {case.course.back} s after the last undo (objective {aim})"


def _residual(case: Case) -> str:
    if not case.terms.waited:
        return NOT_WAITED
    last, before = case.course.last, case.before.whole
    left = share(over(last.good, last.due, before.good, before.due))
    return f"goodput at the end of recovery is {left} of the baseline's"


def _detection(case: Case) -> str:
    if case.terms.detection is None:
        return NOT_DECLARED
    took = case.terms.detected
    if took is None:
        return "the detector saw nothing"
    return f"the detector saw it {seconds(took)} after the harm began"
