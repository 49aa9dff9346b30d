"""HTML elements whose text is only ever text, whoever has said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 2000
"""Characters of one text that are shown."""
NONE = "-"
"""What stands where there is nothing."""
UNPRINTABLE = "\ufffd"
EMPTY = {"br", "input"}
"""Elements that have nothing inside, and no end."""


def plain(value: object, longest: int = LONGEST) -> str:
    """Return text without control characters, cut where it is endless.

    What turns the direction of writing round counts as a control character.
    """
    whole = str(value)
    text = whole[:longest]
    if not text.isprintable():
        text = "".join(map(_printable, text))
    return text if len(whole) <= longest else f"{text}… ({len(whole)} characters)"


def _printable(character: str) -> str:
    fine = character.isprintable() or character == "\n"
    return character if fine else UNPRINTABLE


def el(name: str, *inside: object, **attributes: object) -> Markup:
    """Return an element; what is inside is text, unless it is an element itself.

    `css` is the class; `data_lane` becomes `data-lane`. An attribute that is None or
    False is left out.
    """
    opening = f"<{name}{''.join(map(_attribute, attributes.items()))}>"
    if name in EMPTY:
        return Markup(opening)  # noqa: S704 - all of it is escaped
    body = "".join(map(_text, inside))
    return Markup(f"{opening}{body}</{name}>")  # noqa: S704 - all of it is escaped


def join(parts: Iterable[object], between: str = "\n") -> Markup:
    """Return elements and texts one after the other."""
    return Markup(between.join(map(_text, parts)))  # noqa: S704 - all of it is escaped


def _attribute(pair: tuple[str, object]) -> str:
    name, value = pair
    if value is None or value is False:
        return ""
    name = "class" if name == "css" else name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(plain(value))}"'


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, Markup) else str(escape(plain(value)))
