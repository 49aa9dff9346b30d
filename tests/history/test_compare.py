"""Comparing is fair: the same is the same, worse is worse, unknown is not passed."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.compare import (
    Difference,
    DifferentProfiles,
    compare,
    difference,
    judge,
)
from chaos_mcp.history.estimate import Estimate
from chaos_mcp.history.metrics import METRICS, tolerances
from chaos_mcp.history.student import quantile, tail
from chaos_mcp.history.words import sentence
from tests.history.past import entry, figures

USUAL = tolerances({})
ORDER = {"held": 0, "unknown": 1, "deviated": 2}


def estimates(name: str) -> st.SearchStrategy[Estimate]:
    values = st.floats(0.001, 100)
    if name == "recovery-time":
        values |= st.just(inf)
    return st.builds(
        Estimate, values, st.floats(0.0001, 10), st.floats(1, 60) | st.just(inf)
    )


pasts = st.fixed_dictionaries({}, optional={name: estimates(name) for name in METRICS})
metrics = st.sampled_from(list(METRICS.values()))


@given(pasts)
def test_a_run_is_no_worse_than_itself(known: dict[str, Estimate]) -> None:
    one = entry(known=known)

    differences = compare(one, one)

    assert all(each.change == 0 for each in differences)
    assert "deviated" not in {each.verdict for each in judge(differences, USUAL)}


@given(metrics, st.data())
def test_the_other_way_round_a_difference_is_its_mirror(
    metric: object, data: st.DataObject
) -> None:
    assert isinstance(metric, type(METRICS["score"]))
    first, second = (data.draw(estimates(metric.name)) for _ in "ab")

    there, back = difference(metric, first, second), difference(metric, second, first)

    assert _shift(there) == pytest.approx(-_shift(back), abs=1e-9)
    assert there.worse == pytest.approx(1 - back.worse, abs=1e-9)
    assert there.blur == back.blur


def _shift(one: Difference) -> float:
    from math import log  # noqa: PLC0415 - for this

    if one.metric.scale == "ratio":
        return log(1 + one.change)
    return one.change if abs(one.change) != inf else (1e9 if one.change > 0 else -1e9)


@given(
    pasts.filter(bool),
    st.data(),
    st.floats(0.0, 50.0),
)
def test_getting_worse_never_improves_a_verdict(
    known: dict[str, Estimate], data: st.DataObject, more: float
) -> None:
    name = data.draw(st.sampled_from(sorted(known)))
    metric, was = METRICS[name], known[name]
    moved = was.value + more if metric.worse > 0 else was.value / (1 + more)
    worse = {**known, name: replace(was, value=moved)}
    limits = {**USUAL, name: metric.tolerance}

    before = judge(compare(entry(known=known), entry(known=known)), limits)
    after = judge(compare(entry(known=known), entry(known=worse)), limits)

    for one, other in zip(before, after, strict=True):
        assert ORDER[one.verdict] <= ORDER[other.verdict]


@given(metrics, st.data())
def test_an_interval_holds_its_change(metric: object, data: st.DataObject) -> None:
    assert isinstance(metric, type(METRICS["score"]))

    found = difference(metric, *(data.draw(estimates(metric.name)) for _ in "ab"))

    assert found.low <= found.change <= found.high
    assert 0 <= found.worse <= 1


def test_a_regression_beyond_tolerance_deviates() -> None:
    differences = compare(entry(), entry(known=figures(response_time=0.13)))

    found = {one.difference.metric.name: one for one in judge(differences, USUAL)}

    assert found["response-time"].verdict == "deviated"
    assert {one.verdict for name, one in found.items() if name != "response-time"} == {
        "held"
    }
    assert sentence(found["response-time"]) == (
        "response-time: 100 ms to 130 ms, +30.0 % (95 %: +22.2 % to +38.3 %), "
        "tolerated +10.0 %; worse than is tolerated"
    )


def test_what_is_tolerated_holds_however_significant_it_is() -> None:
    known = figures()
    sure = {name: replace(one, error=1e-6) for name, one in known.items()}
    slower = {**sure, "response-time": replace(sure["response-time"], value=0.108)}

    found = judge(compare(entry(known=sure), entry(known=slower)), USUAL)

    assert {one.verdict for one in found} == {"held"}


@pytest.mark.parametrize("value", [0.1, 0.13])
def test_too_few_samples_are_unknown_and_not_held(value: float) -> None:
    coarse = {"response-time": Estimate(0.1, 0.2, 2.0)}
    after = {"response-time": Estimate(value, 0.2, 2.0)}

    (found,) = judge(compare(entry(known=coarse), entry(known=after)), USUAL)

    assert found.verdict == "unknown"


def test_a_figure_that_one_run_lacks_is_unknown() -> None:
    known = figures()
    del known["score"]

    found = judge(compare(entry(), entry(known=known)), USUAL)

    verdicts = {one.difference.metric.name: one.verdict for one in found}
    assert verdicts["score"] == "unknown"
    assert isnan(found[0].difference.change)


def test_never_recovering_is_worse_than_any_recovery() -> None:
    never = entry(known=figures(recovery_time=inf))

    worse = judge(compare(entry(), never), USUAL)
    better = judge(compare(never, entry()), USUAL)
    same = judge(compare(never, never), USUAL)

    assert [one.verdict for one in (worse[1], better[1], same[1])] == [
        "deviated",
        "held",
        "held",
    ]


def test_runs_of_different_profiles_are_not_compared_unless_asked() -> None:
    other = entry("r2", profile="q" * 16)

    with pytest.raises(DifferentProfiles, match="measured by different things"):
        compare(entry(), other)

    assert compare(entry(), other, across_profiles=True)


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"response-time": "15%"}, "response-time", 0.15),
        ({"recovery-time": "500ms"}, "recovery-time", 0.5),
        ({"score": "2.5"}, "score", 2.5),
        ({"error-rate@fault": "3%"}, "error-rate@fault", 0.03),
    ],
)
def test_a_tolerance_has_the_unit_of_its_metric(
    given: dict[str, str], name: str, value: float
) -> None:
    assert tolerances(given) == {**USUAL, name: pytest.approx(value)}


@pytest.mark.parametrize(
    "given",
    [
        {"p95": "1%"},
        {"response-time": "15"},
        {"score": "nan"},
        {"score": "-1"},
        {"recovery-time": "3"},
        {"error-rate": "inf%"},
    ],
)
def test_what_is_no_tolerance_is_refused_with_an_example(given: dict[str, str]) -> None:
    with pytest.raises(ChaosError, match=r"is no metric|says no tolerance, such as"):
        tolerances(given)


@pytest.mark.parametrize(
    ("freedom", "t"), [(2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042)]
)
def test_students_t_agrees_with_its_table(freedom: float, t: float) -> None:
    assert quantile(0.975, freedom) == pytest.approx(t, rel=0.05)
    assert tail(t, freedom) == pytest.approx(0.025, abs=0.002)


@given(st.floats(-30, 30), st.floats(1, 200) | st.just(inf))
def test_quantile_and_tail_undo_each_other(t: float, freedom: float) -> None:
    share = 1 - tail(t, freedom)

    if 1e-6 < share < 1 - 1e-6:
        assert quantile(share, freedom) == pytest.approx(t, rel=1e-4, abs=1e-6)
