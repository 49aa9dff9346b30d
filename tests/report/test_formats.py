"""Every format tells the same run, the same way each time, and trusts no text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.report import FORMATS
from chaos_mcp.report.downsample import MOST, downsample, extremes
from chaos_mcp.report.markdown import safe, slug
from chaos_mcp.score.model import Second
from tests.report import stories

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from chaos_mcp.report.reading import Reading

TEXT = ["terminal", "md", "junit", "json"]
PICTURES = {"png", "pdf"}
"""A PDF says when it was made; both are looked at in `test_machine_formats`."""
WRITTEN = [name for name in FORMATS if name not in PICTURES]
TOLD = {
    "passed": stories.passed,
    "failed": stories.failed,
    "unsafe": stories.unsafe,
}


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("story", TOLD.values(), ids=TOLD.keys())
def test_what_a_person_reads(
    name: str, story: Callable[[], Reading], snapshot: SnapshotAssertion
) -> None:
    assert FORMATS[name].render(story()) == snapshot


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    assert FORMATS[name].render(stories.failed()) == FORMATS[name].render(
        stories.failed()
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_an_empty_record_can_be_told(name: str) -> None:
    from chaos_mcp.report.reading import read  # noqa: PLC0415 - for this test

    assert FORMATS[name].render(read([]))


def test_a_terminal_gets_no_control_characters_and_80_columns() -> None:
    told = FORMATS["terminal"].render(stories.hostile())

    assert all(line.isprintable() for line in told.split("\n"))
    assert max(map(len, FORMATS["terminal"].render(stories.failed()).split("\n"))) <= 80


def test_markdown_is_not_broken_by_what_a_target_says() -> None:
    told = FORMATS["md"].render(stories.hostile())

    assert "<script" not in told
    assert "@everyone" not in told
    assert "\x1b" not in told
    tables = [line for line in told.split("\n") if line.startswith("|")]
    for line in tables:
        assert len(re.findall(r"(?<!\\)\|", line)) in (4, 5, 6, 11)


@pytest.mark.parametrize("text", ["a|b", "`x`", "[l](u)", "<b>", "line\nbreak", "@me"])
def test_safe_text_means_nothing(text: str) -> None:
    escaped = safe(text)

    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)[|`\[]", escaped)
    assert "<" not in escaped
    assert "@me" not in escaped


def test_the_marker_finds_a_comment_again() -> None:
    first = FORMATS["md"].render(stories.passed()).split("\n")[0]
    again = FORMATS["md"].render(stories.failed()).split("\n")[0]

    assert first == again
    assert slug("A — b!") == "a-b"


def test_junit_can_be_parsed_whatever_a_target_says() -> None:
    suite = ET.fromstring(FORMATS["junit"].render(stories.hostile()))[0]  # noqa: S314

    assert int(suite.get("errors", 0)) > 0


def test_nothing_unmeasured_is_green_in_junit() -> None:
    suite = ET.fromstring(FORMATS["junit"].render(stories.unsafe()))[0]  # noqa: S314

    cases = {case.get("name"): [one.tag for one in case] for case in suite}
    assert cases["unsafe"] == ["error"]
    assert cases["cut the cache off bites"] == ["skipped"]
    assert cases["cut the cache off is put back"] == ["error"]


def test_the_result_says_what_is_open() -> None:
    told = json.loads(FORMATS["json"].render(stories.unsafe()))

    assert told["verdict"] == "UNSAFE"
    assert [one["name"] for one in told["open_faults"]] == ["cut the cache off"]
    assert told["next_step"]


def test_fewer_points_keep_the_extremes() -> None:
    seconds = [Second(float(n), 50, 50, 50, 0.01, 0.02) for n in range(50_000)]
    seconds[31_234] = Second(31_234.0, 50, 0, 0, 1.0, 2.0)

    kept = downsample(seconds)

    assert len(kept) <= MOST
    assert seconds[31_234] in kept
    assert [one.at for one in kept] == sorted(one.at for one in kept)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1),
    st.integers(4, 50),
)
def test_fewer_points_keep_the_least_and_the_greatest_of_every_column(
    rows: list[tuple[int, int]], most: int
) -> None:
    kept = extremes(rows, (itemgetter(0), itemgetter(1)), most)

    assert len(kept) <= max(most, 4)
    for column in (0, 1):
        values, left = ([row[column] for row in some] for some in (rows, kept))
        assert (min(left), max(left)) == (min(values), max(values))


def test_few_points_are_all_kept() -> None:
    seconds = [Second(float(n), 1, 1, 1, None, None) for n in range(100)]

    assert downsample(seconds) == seconds


def test_a_summary_fits_into_a_comment_however_long_its_timeline() -> None:
    reading = stories.hostile()
    reading = replace(reading, timeline=reading.timeline * 1000)

    told = FORMATS["md"].render(reading)

    assert len(told.encode()) < 65_536
    assert re.search(r"\d+ more", told)


def test_titles_without_latin_letters_have_markers_of_their_own() -> None:
    assert slug("注文") != slug("検索")
    assert re.fullmatch("[0-9a-f]{12}", slug("注文"))
