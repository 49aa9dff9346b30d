"""The HTML report, in a real browser: it draws, filters, links, and loads nothing."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.report import FORMATS
from tests.report import stories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.report.reading import Reading

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine"
)


def page_of(reading: Reading) -> str:
    return FORMATS["html"].render(reading)


def test_nothing_in_the_page_points_to_a_network() -> None:
    page = page_of(stories.failed())

    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_what_a_target_says_is_only_ever_text() -> None:
    page = page_of(stories.hostile())

    assert "<script>alert(1)" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_huge_answer_does_not_make_a_huge_page() -> None:
    assert len(page_of(stories.hostile())) < 1_000_000


class Seen:
    """A page in the browser, and what it complained about."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Any, tmp_path: Path, reading: Reading, anchor: str = "") -> Seen:
    file = tmp_path / "report.html"
    file.write_text(page_of(reading), "utf-8")
    seen = Seen(browser.new_page())
    seen.page.goto(f"file://{file}{anchor}")
    return seen


@needs_chromium
@pytest.mark.parametrize("story", [stories.passed, stories.failed, stories.hostile])
def test_it_opens_without_a_complaint_or_a_request(
    browser: Any, tmp_path: Path, story: Any
) -> None:
    seen = opened(browser, tmp_path, story())

    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith("file:")] == []


@needs_chromium
def test_the_charts_draw(browser: Any, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, stories.failed())

    drawn = seen.page.evaluate(
        """() => [...document.querySelectorAll(".chart canvas")].map((canvas) => {
             const all = canvas.getContext("2d")
               .getImageData(0, 0, canvas.width, canvas.height).data;
             return all.some((value) => value !== 0);
           })"""
    )

    assert drawn == [True, True]


@needs_chromium
def test_the_timeline_can_be_filtered(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, stories.failed()).page
    rows = "#events tbody tr:not([hidden])"
    everything = page.locator(rows).count()

    page.fill("#search", "injected")

    assert 0 < page.locator(rows).count() < everything


@needs_chromium
def test_a_lane_can_be_hidden(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, stories.failed()).page

    page.uncheck('[data-lane="fault"]')

    assert page.locator('#events tr[data-lane="fault"]:not([hidden])').count() == 0


@needs_chromium
def test_a_link_leads_to_its_event(browser: Any, tmp_path: Path) -> None:
    reading = stories.failed()
    seq = reading.timeline[3].seq

    page = opened(browser, tmp_path, reading, f"#e{seq}").page

    assert page.locator(f"#e{seq}.found").is_visible()


@needs_chromium
def test_it_can_be_read_without_scripts(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_of(stories.failed()), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{file}")

    text = page.inner_text("body")

    assert "FAILED" in text
    assert "The same as a table" in text
    context.close()
