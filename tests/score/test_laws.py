"""What holds of every score, whatever a system does."""

from __future__ import annotations

import dataclasses
from math import isfinite
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaos_mcp.events import EVENT, WorkloadStarted, WorkloadStopped
from chaos_mcp.score.stability import score
from tests.journal.story import Story, promised, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Score

RATE = 8
BASELINE, FAULT, END = 4, 9, 17
"""Seconds at which these stretches end."""
RESAMPLES = 20
Request = tuple[float, str]

GOOD: Request = (0.01, "ok")
BAD: list[Request] = [(2.0, "timeout"), (0.002, "status 503")]
SLOWEST = 1900
"""Milliseconds."""


def _answered(number: int) -> Request:
    """Return what a number of two bytes stands for: an answer, a good one, or none."""
    latency, sort = number % SLOWEST + 1, number // SLOWEST
    if sort < len(BAD):
        return BAD[sort]
    return (latency / 1000, "ok") if sort % 2 else GOOD


def _numbers(data: bytes) -> list[int]:
    return [data[at] * 256 + data[at + 1] for at in range(0, len(data), 2)]


# A hundred requests are one draw: drawing each by itself takes longer than scoring.
seconds = st.one_of(
    st.just([GOOD] * RATE),
    st.just([BAD[0]] * RATE),
    st.binary(min_size=2 * RATE, max_size=2 * RATE).map(
        lambda data: [_answered(number) for number in _numbers(data)]
    ),
)
calm = st.binary(min_size=BASELINE * RATE, max_size=BASELINE * RATE).map(
    lambda data: [(0.005 + 0.015 * byte / 255, "ok") for byte in data]
)
harmed = st.lists(seconds, min_size=END - BASELINE, max_size=END - BASELINE).map(
    lambda rows: [request for row in rows for request in row]
)
index = st.integers(0, (END - BASELINE) * RATE - 1)


@dataclasses.dataclass(frozen=True)
class World:
    """A run's requests, and when the detector saw something."""

    before: list[Request]
    after: list[Request]
    detected: float | None = None
    unit: float = 1.0
    """What a second is written as, where latencies are concerned."""
    shift: float = 0.0

    @property
    def requests(self) -> list[Request]:
        return [*self.before, *self.after]

    def events(self, *held: float) -> list[Event]:
        unit, shift = self.unit, self.shift
        workload = {
            "name": "checkout",
            "rate": RATE,
            "deadline": 2.0 * unit,
            "latency": 0.3 * unit,
            "availability": 0.9,
        }
        settings = {"hold": 3.0, "rto": 6.0, "detect_within": 4.0, "warm_up": 0.0}
        if self.detected is not None:
            settings["detector"] = "alarm"  # type: ignore[assignment]
        story = Story().begin(shift, **promised(workloads=[workload], **settings))
        begun = WorkloadStarted(name="checkout", rate=RATE, deadline=2.0 * unit)
        story.tell(begun, at=shift)
        story.inject(shift + BASELINE).prove().undo(shift + FAULT).verify()
        self._sample(story)
        self._probe(story, held)
        stopped = WorkloadStopped(name="checkout", sent=END * RATE)
        return story.tell(stopped, at=shift + END).end().events

    def _sample(self, story: Story) -> None:
        def answer(due: float) -> Request:
            latency, result = self.requests[round((due - self.shift) * RATE)]
            return latency * self.unit, result

        for event in sampled(
            answer, since=self.shift, until=self.shift + END, rate=RATE
        ):
            story.tell(event)

    def _probe(self, story: Story, held: tuple[float, ...]) -> None:
        if self.detected is not None:
            at = self.shift + BASELINE + self.detected
            story.probe("deviated", "during", "alarm", at=at)
        for at in held:
            story.probe("held", "during", "never fails", at=self.shift + at)


worlds = st.builds(World, calm, harmed, st.none() | st.floats(0.0, 5.0))


def scored(world: World, *held: float) -> Score:
    return score(world.events(*held), RESAMPLES)


def value(world: World) -> float:
    found = scored(world).value
    assert found is not None
    return found


def numbers(thing: Any) -> Iterator[float]:
    """Yield every number of a score, however deep."""
    if dataclasses.is_dataclass(thing):
        for one in dataclasses.fields(thing):
            yield from numbers(getattr(thing, one.name))
    elif isinstance(thing, dict):
        for one in thing.values():
            yield from numbers(one)
    elif isinstance(thing, tuple):
        for one in thing:
            yield from numbers(one)
    elif isinstance(thing, float):
        yield thing


def repaired(world: World, places: range) -> World:
    after = [
        (0.005, "ok") if at in places else one for at, one in enumerate(world.after)
    ]
    return dataclasses.replace(world, after=after)


@given(worlds)
def test_a_score_is_between_0_and_100_and_so_is_its_interval(world: World) -> None:
    found = scored(world)

    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 100


@given(worlds)
def test_what_was_lost_adds_up(world: World) -> None:
    found = scored(world)

    lost = [part.lost for part in found.parts]
    raw = 100 - sum(lost)
    most = min([100.0, *(cap.at for cap in found.caps)])
    assert all(one >= 0 for one in lost)
    assert all(
        part.lost == pytest.approx(part.weight * (1 - part.ratio))
        for part in found.parts
    )
    assert sum(part.weight for part in found.parts) == pytest.approx(100)
    assert found.value == pytest.approx(max(0.0, min(raw, most)), abs=1e-5)


@given(worlds)
def test_every_number_of_a_score_is_one(world: World) -> None:
    found = scored(world)

    assert all(isfinite(number) for number in numbers(found))


@given(worlds, index)
def test_repairing_a_request_never_lowers_the_score(world: World, at: int) -> None:
    better = repaired(world, range(at, at + 1))

    assert value(better) >= value(world)


@given(worlds, index, index)
def test_repairing_many_requests_never_lowers_the_score(
    world: World, start: int, end: int
) -> None:
    better = repaired(world, range(min(start, end), max(start, end)))

    assert value(better) >= value(world)


@given(worlds, st.integers(0, END - FAULT))
def test_recovering_earlier_never_lowers_the_score(world: World, back: int) -> None:
    first = (FAULT - BASELINE) * RATE
    sooner = repaired(world, range(first + back * RATE, len(world.after)))
    soonest = repaired(world, range(first + max(0, back - 1) * RATE, len(world.after)))

    assert value(soonest) >= value(sooner)


@given(worlds, st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_detecting_earlier_never_lowers_the_score(
    world: World, one: float, other: float
) -> None:
    late = dataclasses.replace(world, detected=max(one, other))
    soon = dataclasses.replace(world, detected=min(one, other))

    assert value(soon) >= value(late)


@given(worlds, st.sets(index, min_size=1))
def test_silence_never_helps(world: World, unheard: set[int]) -> None:
    events = world.events()
    gone = {BASELINE * RATE + at for at in unheard}
    silent = [without(event, gone) for event in events]

    found = score(silent, RESAMPLES).value

    assert found is None or found <= value(world)


def without(event: Event, gone: set[int]) -> Event:
    if event.kind != "workload.sampled":
        return event
    rows = zip(event.sent, event.latency, event.result, strict=True)
    kept = [row for row in rows if round(row[0] * RATE) not in gone]
    columns = {
        name: [row[number] for row in kept]
        for number, name in enumerate(("sent", "latency", "result"))
    }
    return event.model_copy(update=columns)


@given(worlds, st.integers(1, 10_000_000))
def test_a_run_begun_later_scores_the_same(world: World, shift: int) -> None:
    later = dataclasses.replace(world, shift=shift / RATE)

    here, there = scored(world), scored(later)

    for name in ("value", "low", "high", "outage_seconds"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), abs=1e-5)
    assert there.recovery_time == here.recovery_time


@given(worlds, st.sampled_from([2.0**-10, 0.5, 1024.0]))
def test_latencies_in_another_unit_score_the_same(world: World, unit: float) -> None:
    other = dataclasses.replace(world, unit=unit)

    here, there = scored(world), scored(other)

    assert there.value == pytest.approx(here.value, abs=1e-5)
    assert there.recovery_time == here.recovery_time


@given(worlds, st.lists(st.floats(0.0, END), max_size=5))
def test_a_probe_that_never_fails_changes_nothing(
    world: World, held: list[float]
) -> None:
    assert scored(world, *held) == scored(world)


@given(worlds)
def test_the_same_journal_and_seed_give_the_same_bytes(world: World) -> None:
    events = world.events()
    reread = [EVENT.validate_json(event.model_dump_json()) for event in events]

    assert repr(score(reread, RESAMPLES)) == repr(score(events, RESAMPLES))


@given(worlds, st.integers(0, 2**32))
def test_another_seed_moves_the_interval_only(world: World, seed: int) -> None:
    events = world.events()
    other = [events[0].model_copy(update={"seed": seed}), *events[1:]]

    here, there = score(events, RESAMPLES), score(other, RESAMPLES)

    assert dataclasses.replace(here, low=None, high=None) == dataclasses.replace(
        there, low=None, high=None
    )


@given(worlds, st.integers(0, 40))
def test_a_record_cut_anywhere_gives_a_truthful_score(world: World, cut: int) -> None:
    events = world.events()
    assume(cut < len(events))

    found = score(events[:cut], RESAMPLES)

    assert found.value in (None, 0.0)
    assert all(isfinite(number) for number in numbers(found))
