"""Who is hit is drawn from the seed, is never protected, and is said beforehand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaos_mcp.errors import FaultRefused
from chaos_mcp.faults._selection import Candidate, Selection, choose

WORKER = "process matching 'worker'"
keys = st.lists(st.text("abc123", min_size=1), min_size=1, max_size=30, unique=True)


def of(*names: str, protected: str = "") -> list[Candidate]:
    return [Candidate(name, f"the {name}", protected) for name in names]


def chosen(candidates: list[Candidate], chance: str = "1", **scope: Any) -> list[str]:
    selection = Selection.model_validate(scope) if scope else None
    found = choose(candidates, selection, chance, of_what=WORKER)
    return [one.key for one in found]


@given(keys, st.text(), st.integers(1, 30))
def test_the_draw_does_not_depend_on_the_order(
    names: list[str], chance: str, count: int
) -> None:
    number = min(count, len(names))

    drawn = chosen(of(*names), chance, count=number)

    assert drawn == chosen(of(*reversed(names)), chance, count=number)
    assert len({*drawn}) == number


@given(keys, st.text())
def test_one_that_was_not_drawn_can_go_without_another_draw(
    names: list[str], chance: str
) -> None:
    drawn = chosen(of(*names), chance, percentage="50%")

    assert chosen(of(*drawn), chance, selection="all") == drawn


def test_other_seeds_draw_others() -> None:
    everyone = of(*"abcdefgh")

    drawn = {chosen(everyone, str(seed), count=1)[0] for seed in range(100)}

    assert drawn == set("abcdefgh")


@pytest.mark.parametrize(
    ("scope", "number"),
    [
        ({"percentage": "50%"}, 3),
        ({"percentage": "1%"}, 1),
        ({"percentage": "100%"}, 7),
        ({"count": 2}, 2),
        ({"selection": "all"}, 7),
    ],
    ids=str,
)
def test_as_many_are_hit_as_was_said(scope: dict[str, Any], number: int) -> None:
    assert len(chosen(of(*"abcdefg"), **scope)) == number


def test_a_share_that_is_a_whole_number_is_not_rounded_down() -> None:
    assert len(chosen(of(*map(str, range(100))), percentage="29%")) == 29


def test_the_only_one_need_not_be_counted() -> None:
    assert chosen(of("a")) == ["a"]


@pytest.mark.parametrize("scope", [{}, {"percentage": "100%"}, {"selection": "all"}])
def test_who_is_protected_is_never_hit(scope: dict[str, Any]) -> None:
    ours = of("b", protected="it is the runner")

    assert chosen([*of("a"), *ours], **scope) == ["a"]
    with pytest.raises(FaultRefused, match=r"may be touched \(the b: it is the runner"):
        chosen(ours, **scope)


def test_several_that_nobody_has_counted_are_refused_with_their_names() -> None:
    with pytest.raises(FaultRefused, match=r"2 match .*: the a, the b; say how many"):
        chosen(of("b", "a"))


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(FaultRefused, match=r"only 2 match .*: the a, the b"):
        chosen(of("a", "b"), count=3)


def test_nobody_is_refused() -> None:
    with pytest.raises(FaultRefused, match=r"there is no process matching 'worker'$"):
        chosen([])


def test_what_goes_beyond_the_blast_radius_is_refused_with_the_list() -> None:
    with pytest.raises(FaultRefused) as refused:
        choose(
            of(*(f"{n:02}" for n in range(25))),
            Selection(selection="all"),
            "1",
            of_what=WORKER,
            most=2,
        )

    assert str(refused.value).startswith("25 targets would be hit: the 00, the 01")
    assert str(refused.value).endswith("the 19 and 5 more")


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"count": 1, "percentage": "10%"},
        {"count": 1, "selection": "all"},
        {"count": 0},
        {"percentage": "0%"},
        {"percentage": "110%"},
        {"mode": "all"},
    ],
    ids=str,
)
def test_a_scope_says_how_many_in_one_way(scope: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Selection.model_validate(scope)
