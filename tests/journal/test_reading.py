"""All readings of a journal together: of whole, broken-off and empty ones."""

from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import EVENT
from chaos_mcp.report.reading import read
from tests.journal.story import FAULT, dead_between, run

EVENTS = run(dead_between(12, 20.5))


def test_a_run_is_read_from_its_journal_alone() -> None:
    lines = [event.model_dump_json() for event in EVENTS]

    found = read([EVENT.validate_json(line) for line in lines])

    assert found == read(EVENTS)
    assert found.started.title == "The shop keeps selling"
    assert found.outcome.result == "PASSED"
    assert [band.fault for band in found.bands] == [FAULT]
    assert found.score.value is not None
    assert found.open_faults == ()
    assert [one.name for one in found.milestones][-1] == "recovered"


def test_an_empty_journal_can_be_read() -> None:
    found = read([])

    assert found.started.title == "(unknown)"
    assert found.outcome.result == "ABORTED"


def test_a_journal_without_its_beginning_keeps_the_runs_name() -> None:
    found = read(EVENTS[1:])

    assert (found.started.title, found.started.run) == ("(unknown)", "r1")


@given(st.integers(0, len(EVENTS) - 1))
def test_a_journal_cut_anywhere_is_no_pass(cut: int) -> None:
    found = read(EVENTS[:cut])

    assert found.outcome.result in ("ABORTED", "UNSAFE")
    assert (found.outcome.result == "UNSAFE") == bool(found.open_faults)
