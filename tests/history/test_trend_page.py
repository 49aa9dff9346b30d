"""The trend as a page: it opens from disk, draws what the runs say, and fits all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from chaos_mcp.cli import commands
from chaos_mcp.errors import ChaosError
from chaos_mcp.history.store import store
from chaos_mcp.history.trend_html import page
from chaos_mcp.history.trend_panels import MOST, panels
from chaos_mcp.machine.place import VARIABLE
from tests import axe
from tests.browser import Seen, browser, needs_chromium
from tests.history.past import entry, figures
from tests.journal.story import dice
from tests.report.stories import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.history.entry import Entry

__all__ = ["browser"]
NIGHTS, BROKEN = 20, 12


def nights(title: str = "The shop keeps selling", called: str = "r") -> list[Entry]:
    """Return nightly runs; one night something broke for good."""
    chance = dice(4)
    found = []
    for day in range(NIGHTS):
        broken = day >= BROKEN
        score = chance.gauss(75 if broken else 92, 1.0)
        known = figures(score=score, response_time=0.15 if broken else 0.1)
        verdict = "FAILED" if broken else "PASSED"
        changed = {"verdict": verdict, "title": title}
        ends = {"low": score - 2, "high": score + 2}
        one = entry(f"{called}{day}", day=day, known=known, **changed, **ends)
        found.append(one)
    return found


def opened(browser: Any, folder: Path, entries: list[Entry], **context: Any) -> Seen:
    file = folder / "trend.html"
    file.write_text(page(entries[0].title, panels(entries)), "utf-8")
    seen = Seen(browser.new_page(**context))
    seen.page.goto(f"file://{file}")
    return seen


def test_every_metric_has_a_panel_and_the_one_asked_for_is_first() -> None:
    found = panels(nights(), "response-time")

    assert [one.name for one in found] == [
        "response-time",
        "score",
        "recovery-time",
        "throughput",
        "error-rate",
    ]
    assert "Since 2025-10-21" in found[0].said
    assert "worse: 100 ms to 150 ms." in found[0].said
    assert "No change that could not be chance." in found[2].said


def test_an_interval_holds_its_figure_and_the_scores_is_its_own() -> None:
    score, *rest = panels(nights())

    for one in (score, *rest):
        assert all(p.low <= p.value <= p.high for p in one.points)
    assert score.points[0].high - score.points[0].low == pytest.approx(4)
    ratio = next(one for one in rest if one.name == "response-time").points[0]
    assert ratio.high / ratio.value == pytest.approx(ratio.value / ratio.low)


def test_of_very_many_runs_the_latest_are_shown() -> None:
    many = [entry(f"r{day}", day=day) for day in range(MOST + 5)]

    (score, *_) = panels(many)

    assert [score.points[0].run, len(score.points)] == ["r5", MOST]


def test_what_is_no_metric_or_no_run_is_refused() -> None:
    with pytest.raises(ChaosError, match="'p99' is no metric"):
        panels(nights(), "p99")
    with pytest.raises(ChaosError, match="no run of that experiment"):
        panels([])


def test_the_command_prints_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    store().enter(nights())

    result = CliRunner().invoke(commands, ["trend", "shop", "--format", "html"])

    assert result.output == page("The shop keeps selling", panels(nights())) + "\n"


@needs_chromium
def test_the_charts_have_the_figures_and_nothing_is_fetched(
    browser: Any, tmp_path: Path
) -> None:
    seen = opened(browser, tmp_path, nights())

    drawn = seen.page.locator(".trend-chart canvas")

    assert drawn.count() == 5
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith("file://")] == []


@needs_chromium
def test_pointing_at_a_run_says_its_figure(browser: Any, tmp_path: Path) -> None:
    entries = nights()
    page = opened(browser, tmp_path, entries).page
    over = page.locator("[data-metric=score] .u-over")
    width = over.bounding_box()["width"]

    over.hover(position={"x": width * (BROKEN + 0.5) / NIGHTS, "y": 60})

    said = page.locator("section").first.locator(".told").inner_text()
    assert f"FAILED: {entries[BROKEN].score:.1f} (" in said
    assert "worse: " in said


@needs_chromium
@pytest.mark.parametrize("words", ["fine", HOSTILE], ids=["fine", "hostile"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nobody_is_kept_from_reading_it(
    browser: Any, tmp_path: Path, mode: str, words: str
) -> None:
    entries = nights(words, words)
    seen = opened(browser, tmp_path, entries, color_scheme=mode)
    seen.page.evaluate(
        "document.querySelectorAll('details').forEach((one) => one.open = true)"
    )

    assert axe.faults(seen.page) == []
    assert seen.complaints == []


@needs_chromium
@pytest.mark.parametrize("width", [320, 768])
def test_a_narrow_screen_needs_no_scrolling_sideways(
    browser: Any, tmp_path: Path, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = opened(browser, tmp_path, nights(HOSTILE), viewport=size).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width
