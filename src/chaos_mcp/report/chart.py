"""The run's traffic as a chart, in Vega-Lite: drawn by `svg`, `png` and `pdf`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError
from chaos_mcp.report.downsample import downsample
from chaos_mcp.report.foreign import plain

if TYPE_CHECKING:
    from types import ModuleType

    from chaos_mcp.report.reading import Reading

VERSION = "5.21"
"""The version of Vega-Lite that is drawn with; the library knows several."""
WIDTH, HEIGHT = 760, 150
GOOD, BAD, SLOW, FAULT = "#0072b2", "#d55e00", "#cc79a7", "#e69f00"
"""Of the palette of Okabe and Ito, which nobody's eyes mix up."""
MISSING = (
    "drawing needs vl-convert-python: pip install 'chaos-mcp[charts]'"
    "  (--format html needs nothing)"
)


def drawing() -> ModuleType:
    """Return the library that draws; raise `ChaosError` that names the extra."""
    try:
        import vl_convert  # noqa: PLC0415 - 60 MB, and an extra
    except ImportError as error:
        raise ChaosError(MISSING) from error
    return vl_convert


def spec(reading: Reading) -> dict[str, Any]:
    """Return goodput above and latency below, with the faults as bands."""
    score = reading.score
    value = "no score" if score.value is None else f"score {score.value:.1f}"
    title = plain(reading.started.title)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "title": {"text": f"{reading.outcome.result}: {title}", "subtitle": value},
        "vconcat": [_goodput(reading), _latency(reading)],
        "resolve": {"scale": {"color": "independent"}},
        "config": {"font": "sans-serif", "axis": {"grid": True}},
    }


def _goodput(reading: Reading) -> dict[str, Any]:
    rows = [
        {"at": one.at, "requests": number, "what": what}
        for one in downsample(reading.score.seconds)
        for what, number in (("good", one.good), ("bad", one.sent - one.good))
    ]
    return _panel(reading, rows, "requests", "requests a second", [GOOD, BAD])


def _latency(reading: Reading) -> dict[str, Any]:
    rows = [
        {"at": one.at, "latency": value * 1000, "what": what}
        for one in downsample(reading.score.seconds)
        for what, value in (("p50", one.p50), ("p99", one.p99))
        if value is not None
    ]
    return _panel(reading, rows, "latency", "latency in ms", [GOOD, SLOW])


def _panel(
    reading: Reading, rows: list[Any], field: str, title: str, colours: list[str]
) -> dict[str, Any]:
    names = ["good", "bad"] if field == "requests" else ["p50", "p99"]
    across = {"field": "at", "type": "quantitative", "title": "seconds of the run"}
    colour = {
        "field": "what",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": colours},
    }
    lines = {
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": across,
            "y": {"field": field, "type": "quantitative", "title": title},
            "color": colour,
        },
    }
    return {"width": WIDTH, "height": HEIGHT, "layer": [*_bands(reading), lines]}


def _bands(reading: Reading) -> list[dict[str, Any]]:
    rows = [
        {"start": one.start, "end": one.end, "name": plain(one.name)}
        for one in reading.bands
    ]
    across = {"field": "start", "type": "quantitative"}
    data = {"values": rows}
    if not rows:
        return []
    return [
        {
            "data": data,
            "mark": {"type": "rect", "color": FAULT, "opacity": 0.25},
            "encoding": {"x": across, "x2": {"field": "end"}},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "left", "baseline": "top", "dx": 3},
            "encoding": {"x": across, "y": {"value": 3}, "text": {"field": "name"}},
        },
    ]
