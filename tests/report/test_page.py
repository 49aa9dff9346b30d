"""The HTML report as a file: it loads nothing, and trusts nothing that it quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.report.reading import read
from tests import axe
from tests.browser import needs_chromium
from tests.report import stories
from tests.report.pages import opened, page_of

if TYPE_CHECKING:
    from pathlib import Path

STORIES = [
    stories.passed,
    stories.failed,
    stories.unsafe,
    stories.hostile,
    stories.measured,
]


def empty() -> Any:
    return read([])


def test_nothing_in_the_page_points_to_a_network() -> None:
    page = page_of(stories.failed())

    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


@pytest.mark.parametrize("trick", ["<script>alert(1)", "\x1b", "\u202e", "\u2066"])
def test_what_a_target_says_is_only_ever_text(trick: str) -> None:
    page = page_of(stories.hostile())

    assert trick not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_markup_is_the_same_whatever_a_target_says() -> None:
    def tags(page: str) -> list[str]:
        return re.findall(r"<[a-z0-9]+", page.rsplit("</style>", maxsplit=1)[-1])

    tame, hostile = page_of(stories.stopped("fine")), page_of(stories.hostile())

    assert tags(hostile) == tags(tame)


def test_a_huge_answer_does_not_make_a_huge_page() -> None:
    usual, huge = page_of(stories.failed()), page_of(stories.endless(10_000_000))

    assert len(huge) < 2 * len(usual)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_journal_cut_short_anywhere_is_told_as_far_as_it_goes(share: float) -> None:
    events = stories.failed().events
    kept = events[: int(share * len(events))]

    page = page_of(read(kept))

    assert re.search(r'class="verdict">.*?(ABORTED|UNSAFE)', page)


@needs_chromium
@pytest.mark.parametrize("story", [*STORIES, empty])
def test_it_opens_without_a_complaint_or_a_request(
    browser: Any, tmp_path: Path, story: Any
) -> None:
    seen = opened(browser, tmp_path, story())

    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith("file:")] == []


@needs_chromium
@pytest.mark.parametrize(
    ("story", "mode"),
    [
        (stories.passed, "light"),
        (stories.passed, "dark"),
        (stories.failed, "light"),
        (stories.failed, "dark"),
        (stories.unsafe, "light"),
        (stories.hostile, "dark"),
        (empty, "light"),
    ],
)
def test_nobody_is_kept_from_reading_it(
    browser: Any, tmp_path: Path, story: Any, mode: str
) -> None:
    page = opened(browser, tmp_path, story(), color_scheme=mode).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")

    assert axe.faults(page) == []


@needs_chromium
@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_screen_needs_no_scrolling_sideways(
    browser: Any, tmp_path: Path, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = opened(browser, tmp_path, stories.hostile(), viewport=size).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@needs_chromium
def test_the_first_screen_answers_what_why_and_what_next(
    browser: Any, tmp_path: Path
) -> None:
    size = {"width": 1280, "height": 800}
    page = opened(browser, tmp_path, stories.failed(), viewport=size).page

    for place in (".tested", ".verdict", ".figure", ".reasons", ".next", ".strip"):
        box = page.locator(place).bounding_box(timeout=10_000)
        assert box["y"] + box["height"] <= 800


@needs_chromium
def test_paper_is_light_and_its_charts_fit(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, stories.failed(), color_scheme="dark").page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})

    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert page.evaluate("report.color('ink')") == "#1b2430"


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
    assert "put back" in text
    context.close()
