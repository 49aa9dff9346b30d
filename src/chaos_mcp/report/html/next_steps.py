"""What to do next, as the verdict has it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from chaos_mcp.report.html.element import el, join, plain

if TYPE_CHECKING:
    from markupsafe import Markup

    from chaos_mcp.journal.model import Milestone
    from chaos_mcp.report.reading import Reading


MOST = 3
"""Pieces of advice on the first screen; the insights have all."""


def next_step(reading: Reading) -> Markup:
    """Return what a person should do now, with the command for it."""
    if reading.outcome.next_step:
        return el("p", reading.outcome.next_step)
    advice = dict.fromkeys(one.advice for one in reading.insights if one.advice)
    items = [el("li", capital(one)) for one in [*advice][:MOST]]
    command = el("p", _command(reading, mended=not items))
    return join([el("ul", *items) if items else None, command])


def capital(text: str) -> str:
    """Return a text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _command(reading: Reading, *, mended: bool) -> Markup:
    match reading.outcome.result:
        case "FAILED":
            return join([_look(reading), " Mend the system, then ", *_again(reading)])
        case "ABORTED":
            return join(["See what stopped it, then ", *_again(reading)], "")
        case "INCONCLUSIVE":
            return join(["Take the reason away, then ", *_again(reading)], "")
        case _:
            words = "Nothing has to be mended. " if mended else ""
            return join([words, "After the next change, ", *_again(reading)], "")


def _look(reading: Reading) -> Markup:
    bad = next(
        (one for one in reading.milestones if one.name == "first bad event"), None
    )
    if bad is None or bad.at is None:
        return join(["See below where it went wrong."])
    return join(["It first went wrong ", _link(bad), "."], "")


def _link(bad: Milestone) -> Markup:
    words = f"at {bad.at:.1f} s"
    return join([words]) if bad.seq is None else el("a", words, href=f"#e{bad.seq}")


def _again(reading: Reading) -> list[object]:
    file = reading.started.file
    if not file:
        return ["run it again."]
    command = f"chaos run {shlex.quote(plain(file))} --seed {reading.started.seed}"
    return ["run it again: ", el("code", command)]
