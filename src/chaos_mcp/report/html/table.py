"""Tables, all made alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.report.html.element import el

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    css: str = "",
    caption: str = "",
) -> Markup:
    """Return a table that scrolls sideways where it must.

    A head that begins with `#` is that of a column of figures.
    """
    figures = [head.startswith("#") for head in heads]
    named = [
        el("th", head.lstrip("#"), scope="col", css="n" if figure else None)
        for head, figure in zip(heads, figures, strict=True)
    ]
    body = el("tbody", *(_row(row, figures) for row in rows))
    told = el("caption", caption) if caption else None
    inside = el("table", told, el("thead", el("tr", *named)), body, css=css or None)
    name = caption or f"Table of {', '.join(head.lstrip('#') for head in heads)}"
    return el("div", inside, css="scroll", tabindex=0, role="group", aria_label=name)


def _row(cells: Sequence[object], figures: Sequence[bool]) -> Markup:
    pairs = zip(cells, figures, strict=True)
    return el("tr", *(el("td", c, css="n" if figure else None) for c, figure in pairs))
