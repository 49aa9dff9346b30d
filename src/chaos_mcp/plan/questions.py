"""Probes with what is expected of them, in both dialects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp.experiment.mistakes import mistakes_of
from chaos_mcp.experiment.model import Activity, ProbeCall
from chaos_mcp.experiment.tolerance import compile_tolerance
from chaos_mcp.experiment.toolkit_tolerance import compile_toolkit
from chaos_mcp.plan.model import Question
from chaos_mcp.plan.toolkit import compile_activity

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.tolerance import Tolerance
    from chaos_mcp.plan.calls import Calls
    from chaos_mcp.plan.model import Call
    from chaos_mcp.terms import When

ALWAYS: tuple[When, ...] = ("before", "during", "after")


def compile_question(
    calls: Calls,
    written: Any,
    path: KeyPath,
    when: tuple[When, ...] = ALWAYS,
    every: float = 1.0,
) -> Question | None:
    """Return the question that a probe's entry stands for; None if it is wrong."""
    call = calls.compile(written, path)
    doubt, tolerance = None, None
    if isinstance(written, Activity) and written.judged:
        if _is_probe(written.tolerance):
            doubt = _doubt(calls, written.tolerance, (*path, "tolerance"))
        else:
            tolerance = _toolkit(calls, written, path)
    elif isinstance(written, ProbeCall) and written.judged:
        tolerance = _short(calls, written, path)
    if call is None:
        return None
    return Question(
        call,
        tolerance.judge if tolerance else None,
        doubt,
        tolerance.words if tolerance else "",
        every=every if written.every is None else written.every,
        when=when if written.when is None else written.when,
        background=written.background,
    )


def _short(calls: Calls, written: ProbeCall, path: KeyPath) -> Tolerance | None:
    try:
        return compile_tolerance(calls.scope.resolve(written.expect))
    except ValueError as error:
        calls.mistake(str(error), (*path, "expect"))
        return None


def _toolkit(calls: Calls, written: Activity, path: KeyPath) -> Tolerance | None:
    try:
        return compile_toolkit(calls.scope.resolve(written.tolerance))
    except ValueError as error:
        calls.mistake(str(error), (*path, "tolerance"))
        return None


def _is_probe(tolerance: Any) -> bool:
    return isinstance(tolerance, dict) and tolerance.get("type") == "probe"


def _doubt(
    calls: Calls, tolerance: dict[str, Any], path: KeyPath
) -> Callable[[Any], Call] | None:
    """Return what makes a call of a tolerance that is a probe, for a value."""
    try:
        activity = Activity.model_validate({"name": "tolerance", **tolerance})
    except ValidationError as error:
        calls.mistakes.extend(mistakes_of(error, tolerance, path))
        return None
    problems, call = compile_activity(activity, calls.scope, {"value": None})
    for problem, key in problems:
        calls.mistake(problem, (*path, *key))
    if call is None:
        return None

    def judging(value: Any) -> Call:
        _, made = compile_activity(activity, calls.scope, {"value": value})
        return made or replace(call)

    return judging
