"""Reports opened in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.report import FORMATS
from tests.browser import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.report.reading import Reading


def page_of(reading: Reading) -> str:
    return FORMATS["html"].render(reading)


def opened(
    browser: Any, folder: Path, reading: Reading, anchor: str = "", **context: Any
) -> Seen:
    """Return a report as a browser has opened it from the disk."""
    file = folder / "report.html"
    file.write_text(page_of(reading), "utf-8")
    seen = Seen(browser.new_page(**context))
    seen.page.goto(f"file://{file}{anchor}")
    return seen
