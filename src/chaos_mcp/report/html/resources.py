"""What the system and the runner used meanwhile: two charts, a sentence, a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.units import human_size
from chaos_mcp.journal.resources import courses
from chaos_mcp.report.downsample import MOST, extremes
from chaos_mcp.report.html.element import NONE, el, join, plain
from chaos_mcp.report.html.panels import LOOKS
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markupsafe import Markup

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Window
    from chaos_mcp.journal.resources import Course
    from chaos_mcp.report.reading import Reading

    Values = Sequence[float | None]

SHORT = 30
OWN = ("runner", "proxy-server")
HEADS = (
    "part",
    "#cores before",
    "#under fault",
    "#after",
    "#most cores",
    "#most memory",
    "unknown",
)
UNKNOWN = "unknown"


def resource_panels(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Yield a chart of processor time and one of memory, where any was measured."""
    found = _shown(_ordered(events))
    if not found:
        return
    yield _panel("cores", "Cores kept busy", found, lambda one: one.cores)
    yield _panel("bytes", "Memory", found, lambda one: one.memory)


def _ordered(events: Sequence[Event]) -> list[Course]:
    """Return the parts of the system first, then the runner's own."""
    return sorted(courses(events), key=lambda one: one.part in OWN)


def _shown(found: Sequence[Course]) -> Sequence[Course]:
    """Return those that have a line: where there are many, those that use the most."""
    if len(found) <= len(LOOKS):
        return found
    ranked = sorted(found, key=lambda one: one.most_cores or 0.0, reverse=True)
    kept = ranked[: len(LOOKS)]
    return [one for one in found if one in kept]


def _panel(
    form: str, title: str, found: Sequence[Course], of: Callable[[Course], Values]
) -> dict[str, Any]:
    columns = [of(one) for one in found]
    places = extremes(range(len(found[0].at)), [_value(one) for one in columns], MOST)
    series = [
        {
            "label": plain(one.label, SHORT),
            "color": color,
            "dash": dash,
            "values": [column[place] for place in places],
        }
        for one, column, (color, dash) in zip(found, columns, LOOKS, strict=False)
    ]
    x = [round(found[0].at[place], 3) for place in places]
    return {
        "id": form,
        "title": title,
        "form": form,
        "x": x,
        "series": series,
        "small": True,
    }


def _value(column: Values) -> Callable[[int], float]:
    return lambda place: column[place] or 0.0


def resources(reading: Reading) -> Markup | None:
    """Return the same in words and as a table; nothing where none was measured."""
    found = _ordered(reading.events)
    if not found:
        return None
    windows = reading.windows
    spans = windows.baseline, windows.fault, windows.recovery
    said = el("p", " ".join(map(_said, found)), css="note", id="used")
    rows = table(HEADS, [_row(one, spans) for one in found], caption="Resources")
    told = el("summary", "What the parts used, as a table")
    return join([said, el("details", told, rows)])


def _said(one: Course) -> str:
    cores = UNKNOWN if one.most_cores is None else f"at most {_cores(one.most_cores)}"
    memory = UNKNOWN if one.most_memory is None else human_size(one.most_memory)
    return f"{_capital(one.label)}: cores busy {cores}, memory {memory}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith(("the ", "its ")) else text


def _row(one: Course, spans: Sequence[Window | None]) -> tuple[object, ...]:
    most = one.most_memory
    memory = UNKNOWN if most is None else human_size(most)
    why = f"{one.unknown} of {len(one.at)} looks: {'; '.join(one.whys)}"
    return (
        one.label,
        *(_cores(one.mean_cores(span)) for span in spans),
        _cores(one.most_cores),
        memory,
        why.removesuffix(": ") if one.unknown else NONE,
    )


def _cores(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3g}"
