"""The table of events: filtered, linked to, and folded where it is endless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.journal.model import Moment
from chaos_mcp.report.html.telling import telling
from tests.browser import needs_chromium
from tests.report import stories
from tests.report.pages import opened

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "#events tbody tr:not([hidden])"


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    return opened(browser, tmp_path, stories.failed()).page


@needs_chromium
def test_it_can_be_filtered_by_words(page: Any) -> None:
    everything = page.locator(ROWS).count()

    page.fill("#search", "cache injected")

    texts = page.locator(ROWS).all_inner_texts()
    assert 0 < len(texts) < everything
    assert all("injected" in text and "cache" in text for text in texts)


@needs_chromium
def test_a_lane_can_be_hidden(page: Any) -> None:
    page.uncheck('[data-lane="fault"]')

    assert page.locator('#events tr[data-lane="fault"]:not([hidden])').count() == 0


@needs_chromium
def test_a_filter_is_a_link(browser: Any, tmp_path: Path, page: Any) -> None:
    page.fill("#search", "the")
    page.uncheck('[data-lane="fault"]')
    found = page.locator(ROWS).count()
    anchor = page.evaluate("location.hash")

    again = opened(browser, tmp_path, stories.failed(), anchor).page

    assert again.input_value("#search") == "the"
    assert again.locator(ROWS).count() == found


@needs_chromium
def test_a_link_leads_to_its_event(browser: Any, tmp_path: Path) -> None:
    reading = stories.failed()
    seq = reading.timeline[3].seq

    page = opened(browser, tmp_path, reading, f"#e{seq}").page

    assert page.locator(f"#e{seq}.found").is_visible()


@needs_chromium
def test_a_link_leads_to_its_event_even_if_it_is_filtered_out(page: Any) -> None:
    page.fill("#search", "there is no such event")

    page.locator(".strip a").nth(1).click()

    assert page.locator("tr.found").count() == 1
    assert page.locator("tr.found").is_visible()


@needs_chromium
def test_every_insight_leads_to_what_shows_it(page: Any) -> None:
    links = page.locator(".insights a").all()
    assert links

    for link in links:
        page.evaluate("report.mark(null)")
        link.click()
        at = float(link.get_attribute("data-at"))
        assert page.evaluate("report.marked()") == pytest.approx(at, abs=0.001)


@needs_chromium
def test_no_two_rows_have_the_same_address(page: Any) -> None:
    found = page.evaluate("[...document.querySelectorAll('[id]')].map((n) => n.id)")

    assert len(found) == len(set(found))


def test_where_there_is_no_room_for_all_faults_come_first() -> None:
    many = [Moment(n, float(n), "hypothesis", "plain", "asked") for n in range(100)]
    harm = Moment(100, 100.0, "fault", "warn", "injected")

    kept = telling([*many, harm], most=10)

    assert len(kept) == 10
    assert kept[-1] == harm
    assert list(kept) == sorted(kept, key=lambda one: one.at)
