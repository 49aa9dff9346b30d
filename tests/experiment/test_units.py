"""Quantities are written with their units and mean the same number everywhere."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chaos_mcp.experiment.units import (
    Duration,
    Rate,
    Share,
    Size,
    human_duration,
    parse_duration,
    parse_quantity,
    parse_rate,
    parse_share,
    parse_size,
    write_duration,
)


class All(BaseModel):
    duration: Duration = 0.0
    rate: Rate = 1.0
    size: Size = 0
    share: Share = 0.0


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_duration, "10s", 10),
        (parse_duration, "500ms", 0.5),
        (parse_duration, "250 µs", 0.00025),
        (parse_duration, "1m30s", 90),
        (parse_duration, "2h", 7200),
        (parse_duration, " 1.5 s ", 1.5),
        (parse_duration, "-0", 0),
        (parse_duration, 0, 0),
        (parse_rate, "50/s", 50),
        (parse_rate, "600/m", 10),
        (parse_rate, "600/min", 10),
        (parse_size, "64 MiB", 64 * 2**20),
        (parse_size, "10kB", 10_000),
        (parse_size, "5 B", 5),
        (parse_share, "99%", 0.99),
        (parse_share, 0.99, 0.99),
        (parse_share, 1, 1),
        (parse_quantity, "250ms", 0.25),
        (parse_quantity, "2 GiB", 2 * 2**30),
        (parse_quantity, "5", 5),
        (parse_quantity, "-5.5", -5.5),
    ],
)
def test_a_quantity_is_read_in_its_base_unit(
    parse: Callable[[Any], float], text: Any, value: float
) -> None:
    assert parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_duration, 10, '10 has no unit: write a duration such as "10s"'),
        (parse_duration, False, "False has no unit"),
        (parse_duration, None, "None has no unit"),
        (parse_duration, "10", "'10' is not a duration; write it with its unit"),
        (parse_duration, "10 parsecs", "'10 parsecs' is not a duration"),
        (parse_duration, "1m 3", "'1m 3' is not a duration"),
        (parse_duration, "", "'' is not a duration"),
        (parse_duration, "1e999s", "'1e999s' is not a finite quantity"),
        (parse_rate, 50, '50 has no unit: write a rate such as "50/s"'),
        (parse_rate, "50", "'50' is not a rate; write it with its unit, such as 50/s"),
        (parse_size, "5 XB", "'5 XB' is not a size"),
        (parse_share, True, "True has no unit"),
        (parse_share, "99", "'99' is not a percentage"),
        (parse_share, float("nan"), "'nan' is not a finite quantity"),
        (parse_quantity, "many", "could not convert"),
    ],
)
def test_what_is_no_quantity_says_how_to_write_one(
    parse: Callable[[Any], float], text: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 µs"),
        (0.000012, "12 µs"),
        (0.35, "350 ms"),
        (1.5, "1.5 s"),
        (125, "2 m 05 s"),
        (-0.35, "-350 ms"),
    ],
)
def test_durations_are_written_for_people(seconds: float, words: str) -> None:
    assert human_duration(seconds) == words


@given(st.floats(0, 1e9))
def test_a_duration_survives_being_written(seconds: float) -> None:
    assert parse_duration(write_duration(seconds)) == seconds


@given(
    st.builds(
        All,
        duration=st.floats(0, 1e6).map(write_duration),
        rate=st.floats(0.001, 1e5).map(lambda rate: f"{rate!r}/s"),
        size=st.integers(0, 2**40).map(lambda size: f"{size} B"),
        share=st.floats(0, 1),
    )
)
def test_a_model_survives_its_json(model: All) -> None:
    assert All.model_validate_json(model.model_dump_json()) == model


@given(st.text(max_size=8) | st.integers() | st.floats() | st.none() | st.booleans())
def test_nothing_else_than_a_number_or_a_value_error_comes_out(value: Any) -> None:
    for parse in (parse_duration, parse_rate, parse_size, parse_share):
        try:
            number = parse(value)
        except ValueError:
            continue
        assert number - number == 0
