"""What the page may do: run what is in the file, and fetch nothing at all."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ASSETS = Path(__file__).parent.with_name("assets")
STYLES = ("uPlot.min.css", "base.css", "report.css", "print.css")
SCRIPTS = ("uPlot.iife.min.js", "chart.js", "view.js", "events.js")
UNSAFE_IN_SCRIPTS = "<>&\u2028\u2029"


@cache
def asset(name: str) -> str:
    """Return a file that belongs to the report."""
    return (ASSETS / name).read_text("utf-8")


def policy(scripts: Sequence[str] = SCRIPTS, styles: Sequence[str] = STYLES) -> str:
    """Return a content security policy that allows exactly what is in the file."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; "
        f"style-src {_hashes(styles)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(names: Iterable[str]) -> str:
    digests = (hashlib.sha256(asset(name).encode()).digest() for name in names)
    return " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)


def styles(names: Sequence[str] = STYLES) -> Markup:
    """Return the style sheets, inline."""
    return Markup("\n").join(_inline("style", name) for name in names)


def scripts(names: Sequence[str] = SCRIPTS) -> Markup:
    """Return the scripts, inline."""
    return Markup("\n").join(_inline("script", name) for name in names)


def _inline(tag: str, name: str) -> Markup:
    return Markup(f"<{tag}>{asset(name)}</{tag}>")  # noqa: S704 - a file of our own


def embedded(data: Any) -> Markup:
    """Return data for the scripts, as JSON that cannot end its own element."""
    text = json.dumps(data, separators=(",", ":"))
    for character in UNSAFE_IN_SCRIPTS:
        text = text.replace(character, f"\\u{ord(character):04x}")
    opening = '<script type="application/json" id="data">'
    return Markup(f"{opening}{text}</script>")  # noqa: S704 - escaped above
