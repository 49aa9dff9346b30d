"""The charts draw what the events say, and can be moved by mouse and by keyboard."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import WorkloadSampled
from tests.browser import needs_chromium
from tests.journal.story import END, INJECTED, VERIFIED
from tests.report import stories
from tests.report.pages import opened

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.report.reading import Reading

pytestmark = needs_chromium

CHART = "report.charts.find((one) => one.panel && one.panel.id === '{}').chart"
VISIBLE = "((x) => [x.min, x.max])(report.charts[0].chart.scales.x)"
RATE = 50


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    return opened(browser, tmp_path, stories.failed()).page


def drawn(page: Any, panel: str) -> list[list[float | None]]:
    """Return the columns of a chart without the end of its last second."""
    chart = CHART.format(panel)
    found: list[list[float | None]] = page.evaluate(f"{chart}.data")
    return [column[:-1] for column in found]


def visible(page: Any) -> tuple[float, float]:
    start, end = page.evaluate(VISIBLE)
    return start, end


def sampled(reading: Reading, result: str) -> Counter[int]:
    """Count requests of a result by their second, off the journal."""
    return Counter(
        int(sent)
        for event in reading.events
        if isinstance(event, WorkloadSampled)
        for sent, said in zip(event.sent, event.result, strict=True)
        if said == result
    )


def test_the_charts_have_the_figures_of_the_events(page: Any) -> None:
    reading = stories.failed()
    good, failed = sampled(reading, "ok"), sampled(reading, "status 503")

    at, sent, fine = drawn(page, "requests")

    assert sent == [RATE] * len(at)
    assert fine == [good[second] for second in at]  # type: ignore[index]
    assert drawn(page, "failures")[1] == [failed[second] for second in at]  # type: ignore[index]


def test_resources_are_drawn_with_a_gap_where_nobody_knew(
    browser: Any, tmp_path: Path
) -> None:
    page = opened(browser, tmp_path, stories.measured()).page
    start, end = stories.GONE

    columns = page.evaluate(f"{CHART.format('cores')}.data")

    shop = dict(zip(columns[0], columns[1], strict=True))
    assert shop == {
        second: None if start <= second < end else second / 100
        for second in range(21, 32)
    }
    assert "2 of 11 looks: it has ended" in page.inner_html("main")


@pytest.mark.parametrize(("second", "good"), [(5.5, RATE), (15.5, 0), (25.5, RATE)])
def test_the_line_is_where_the_figures_say(page: Any, second: float, good: int) -> None:
    """Look at the pixels: blue where the line should be, and not at the other end."""
    blue = f"""(value) => {{
      const u = {CHART.format("requests")};
      const x = Math.round(u.valToPos({second}, "x", true));
      const y = Math.round(u.valToPos(value, "y", true));
      const colors = u.ctx.getImageData(x, y - 1, 1, 3).data;
      const blue = (i) => colors[i] < 60 && colors[i + 2] > 120 && colors[i + 3] > 200;
      return [0, 4, 8].some(blue);
    }}"""

    assert page.evaluate(blue, good)
    assert not page.evaluate(blue, RATE - good + 5)


def test_the_fault_is_a_band_from_injected_to_undone(page: Any) -> None:
    (band,) = page.evaluate("report.data.bands")

    assert band["start"] == INJECTED
    assert VERIFIED - 0.2 < band["end"] <= VERIFIED


def test_latency_shows_what_was_promised(page: Any) -> None:
    (limit,) = page.evaluate(
        "report.data.panels.find((one) => one.id === 'latency').limits"
    )

    assert limit == 300


def test_the_lanes_have_faults_probes_and_phases(page: Any) -> None:
    lanes = {one["name"]: one for one in page.evaluate("report.data.lanes")}

    assert [span["name"] for span in lanes["phases"]["spans"]][:2] == [
        "baseline",
        "inject",
    ]
    assert len(lanes["faults"]["spans"]) == 1
    assert len(lanes["probes"]["marks"]) >= 3


def test_the_keyboard_zooms_pans_and_goes_back(page: Any) -> None:
    whole = visible(page)
    page.focus("#charts")

    page.keyboard.press("+")
    start, end = visible(page)
    assert end - start == pytest.approx((whole[1] - whole[0]) / 2, rel=0.01)

    page.keyboard.press("Shift+ArrowRight")
    assert visible(page)[0] > start

    page.keyboard.press("0")
    assert visible(page) == whole


def test_every_chart_shows_the_same_stretch(page: Any) -> None:
    page.click("[data-do=fault]")

    seen = page.evaluate(
        "report.charts.map((o) => [o.chart.scales.x.min, o.chart.scales.x.max])"
    )

    assert len(seen) == 4
    assert all(one == seen[0] for one in seen)
    assert 0 < seen[0][0] < INJECTED < VERIFIED < seen[0][1] < END


def test_moving_along_says_the_figures(page: Any) -> None:
    page.focus("#charts")

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")

    said = page.inner_text("#spoken")
    assert "sent 50" in said
    assert "good 50" in said
    assert page.inner_text("#panels .line .value") == "50"


def test_pointing_at_a_second_shows_its_figures(page: Any) -> None:
    page.locator("#requests .u-over").hover(position={"x": 10, "y": 20})
    shown = page.locator("#panels .panel:first-child .line .value").all_inner_texts()

    assert shown == ["50", "50"]


def test_dragging_zooms_and_a_double_click_goes_back(page: Any) -> None:
    whole = visible(page)
    over = page.locator("#requests .u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 50, steps=5)
    page.mouse.up()
    start, end = visible(page)

    over.dblclick()

    assert 0 < start < end < whole[1]
    assert visible(page) == whole


def test_dragging_with_shift_pans(page: Any) -> None:
    page.click("[data-do=in]")
    start, end = visible(page)
    over = page.locator("#requests .u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 300, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 50, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")

    moved = visible(page)

    assert moved[0] > start
    assert moved[1] - moved[0] == pytest.approx(end - start, abs=0.01)


def test_a_line_can_be_hidden_by_keyboard(page: Any) -> None:
    button = page.get_by_role("button", name="good")
    button.focus()

    page.keyboard.press("Enter")

    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate(f"{CHART.format('requests')}.series[2].show") is False


def test_latency_can_be_drawn_on_a_logarithmic_scale(page: Any) -> None:
    page.click("[data-do=fault]")
    before = visible(page)

    page.get_by_role("button", name="log scale").click()

    assert page.evaluate(f"{CHART.format('latency')}.scales.y.distr") == 3
    x = page.evaluate(f"{CHART.format('latency')}.scales.x")
    assert (x["min"], x["max"]) == pytest.approx(before, abs=0.01)
