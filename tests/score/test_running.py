"""Adding up blocks by subtraction is adding up their seconds one by one."""

from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.score.running import Part, Row, Running, row
from chaos_mcp.score.samples import Sums, total

counts = st.integers(0, 50).map(float)
stretches = st.lists(st.builds(Sums, counts, counts, counts, counts), max_size=30)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """Return blocks as they are drawn: of any size, from any seconds on."""
    seconds = draw(stretches)
    if not seconds:
        return Part(Running((), 0), (), 0)
    size = draw(st.integers(1, len(seconds)))
    length = draw(st.integers(1, 2 * len(seconds)))
    number = -(-length // size)
    begin = st.integers(0, len(seconds) - 1)
    starts = draw(st.lists(begin, min_size=number, max_size=number))
    return Part(Running(seconds, size), starts, length)


@given(st.lists(parts(), max_size=3), st.integers(-3, 120))
def test_what_is_left_from_a_second_on_is_the_sum_of_its_seconds(
    some: list[Part], first: int
) -> None:
    whole = Row(tuple(some))

    assert len([*whole]) == len(whole)
    assert whole.since(first) == total([*whole][max(0, first) :])


@given(parts())
def test_blocks_go_round_the_end_of_their_stretch(part: Part) -> None:
    seconds, size = part.running.seconds, part.running.size
    for number, one in enumerate(part):
        start = part.starts[number // size]
        assert one is seconds[(start + number % size) % len(seconds)]


@given(stretches)
def test_a_stretch_as_it_was_is_all_its_seconds_in_their_order(
    seconds: list[Sums],
) -> None:
    assert [*row(seconds)] == seconds
    assert Running(seconds, 1).whole() == total(seconds)


def test_a_stretch_of_nothing_adds_up_to_nothing() -> None:
    nothing = Part(Running((), 0), (), 0)

    assert nothing.since(0) == Sums()
    assert [*nothing] == []
