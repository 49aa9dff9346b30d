import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.journal import words


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.12, "12 %"), (0.9964, "99.6 %"), (0.0, "0 %"), (1.0, "100 %"), (1.2, "120 %")],
)
def test_a_ratio_is_read_as_a_percentage(ratio: float, text: str) -> None:
    assert words.share(ratio) == text


@pytest.mark.parametrize(
    ("time", "text"), [(0.34, "340 ms"), (2.5, "2.5 s"), (90.0, "90 s"), (0.0, "0 ms")]
)
def test_a_duration_is_read_in_the_unit_that_suits_it(time: float, text: str) -> None:
    assert words.seconds(time) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(12, "12 B"), (3400, "3.4 kB"), (5e6, "5 MB"), (7e9, "7 GB"), (7e12, "7e+03 GB")],
)
def test_a_size_is_read_in_the_unit_that_suits_it(amount: float, text: str) -> None:
    assert words.size(amount) == text


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (None, ""),
        ("seen", "seen"),
        ([1, 2], "[1, 2]"),
        ({"held back": 3, "bytes_dropped": 3400}, "3 held back, 3.4 kB dropped"),
        ({"state": "down", "both": True}, "state: down, both: true"),
        ({"bytes": 96, "dropped_bytes": 96, "closed": 0}, "96 B, 96 B dropped"),
        ({"toxics": 0, "accepts": "here"}, "0 toxics, accepts: here"),
    ],
)
def test_evidence_is_read_as_facts(evidence: object, text: str) -> None:
    assert words.evidence(evidence) == text


@given(st.text())
def test_a_line_is_one_line(text: str) -> None:
    line = words.line(text)

    assert len(line.splitlines()) <= 1
    assert len(line) <= words.LONGEST
