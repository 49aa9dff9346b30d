"""The run as one HTML file: no network, opens from disk, to be shown to a colleague."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from chaos_mcp.report import html_parts as parts
from chaos_mcp.report.downsample import downsample

if TYPE_CHECKING:
    from chaos_mcp.report.reading import Reading

ASSETS = Path(__file__).with_name("assets")
STYLES = ("uPlot.min.css", "report.css")
SCRIPTS = ("uPlot.iife.min.js", "report.js")
SIGNS = {
    "PASSED": "✔",
    "FAILED": "✘",
    "ABORTED": "■",
    "INCONCLUSIVE": "?",
    "UNSAFE": "⚠",
    "INVALID": "✘",
}
TONES = {"PASSED": "good", "INCONCLUSIVE": "warn", "ABORTED": "warn"}


def render(reading: Reading) -> str:
    """Return the page; whatever a target has said is only ever text in it."""
    outcome, started = reading.outcome, reading.started
    styles, scripts = [_asset(n) for n in STYLES], [_asset(n) for n in SCRIPTS]
    page = Template(_asset("page.html"))
    return page.substitute(
        policy=_policy(styles, scripts),
        styles="\n".join(f"<style>{text}</style>" for text in styles),
        scripts="\n".join(f"<script>{text}</script>" for text in scripts),
        verdict=outcome.result,
        tone=TONES.get(outcome.result, "bad"),
        sign=SIGNS[outcome.result],
        title=escape(parts.plain(started.title)),
        run=escape(started.run),
        reasons=parts.reasons(reading),
        strip=parts.strip(reading),
        score=parts.score(reading),
        losses=parts.losses(reading),
        traffic=parts.traffic(reading),
        faults=parts.faults(reading),
        timeline=parts.timeline(reading),
        about=parts.about(reading),
        data=_data(reading),
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


def _policy(styles: list[str], scripts: list[str]) -> str:
    """Return a policy that allows exactly what is in the file, and no network."""
    hashed = " ".join(_hash(text) for text in scripts)
    looks = " ".join(_hash(text) for text in styles)
    return f"default-src 'none'; script-src {hashed}; style-src {looks}"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _data(reading: Reading) -> Markup:
    """Return what the charts draw, as JSON that cannot end its own element."""
    text = json.dumps(_columns(reading))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup('<script type="application/json" id="data">{}</script>').format(
        Markup(text)  # noqa: S704 - escaped above, and only for this place
    )


def _columns(reading: Reading) -> dict[str, Any]:
    return {
        "bands": [
            {"name": parts.plain(band.name), "start": band.start, "end": band.end}
            for band in reading.bands
        ],
        "seconds": [
            {
                "at": one.at,
                "sent": one.sent,
                "good": one.good,
                "failed": one.sent - one.succeeded,
                "p50": None if one.p50 is None else round(one.p50 * 1000, 2),
                "p99": None if one.p99 is None else round(one.p99 * 1000, 2),
            }
            for one in downsample(reading.score.seconds)
        ],
    }
