"""The list of differences, and the page that is written from it."""

from pathlib import Path

import pytest

from tests.proxy.conformance.differences import DATA, EVERY, Difference
from tests.proxy.conformance.page import PAGE, text

CONNECTIONS = Path(__file__).with_name("test_connections.py")
SHOWN_ELSEWHERE = {"dialling", "seeds"}
"""By tests of our server alone: that of forwarding, and that of toxicity."""


def test_the_page_is_written_from_the_list() -> None:
    """If not: `python -m tests.proxy.conformance.page`."""
    assert PAGE.read_text("utf-8") == text()


def test_no_two_differences_have_the_same_name() -> None:
    assert len({one.key for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize("difference", DATA, ids=lambda one: one.key)
def test_each_difference_of_connections_is_shown_by_a_test(
    difference: Difference,
) -> None:
    shown = f'"""`{difference.key}`."""' in CONNECTIONS.read_text("utf-8")

    assert shown or difference.key in SHOWN_ELSEWHERE
