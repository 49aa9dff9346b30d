"""Call a Python function: in a thread if it blocks, awaited if it can be."""

from __future__ import annotations

import copy
import difflib
import inspect
from collections.abc import Mapping
from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from chaos_mcp.experiment.substitute import Scope

GIVEN = ("configuration", "secrets")
"""Parameters that a function gets from the experiment, as Chaos Toolkit gives them."""


@lru_cache(maxsize=1024)
def function_of(module: str, func: str) -> Callable[..., Any]:
    """Return a function by its place; raise `ActivityFailed` if there is none."""
    try:
        loaded = import_module(module)
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        raise ActivityFailed(
            f"the module {module!r} cannot be imported: {said}"
        ) from error
    found = getattr(loaded, func, None)
    if not callable(found):
        near = difflib.get_close_matches(func, vars(loaded), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ActivityFailed(f"the module {module!r} has no function {func!r}{hint}")
    return found  # type: ignore[no-any-return]


@lru_cache(maxsize=1024)
def _shape(function: Callable[..., Any]) -> tuple[inspect.Signature | None, bool]:
    """Return a function's signature, if it has one, and whether it is a coroutine's."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    return signature, inspect.iscoroutinefunction(function)


def unfit(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Say how arguments do not fit a function; nothing if they do."""
    signature, _ = _shape(function)
    if signature is None:
        return ""
    given = {name: None for name in GIVEN if name in signature.parameters}
    try:
        signature.bind(**{**given, **arguments})
    except TypeError as error:
        return f"{error}; it takes {signature}"
    return ""


def caller(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    scope: Scope,
    groups: Iterable[str] = (),
) -> Callable[[], Awaitable[Any]]:
    """Return what calls a function with its arguments, and what it asks for by name.

    A blocking function runs in a thread, which is left behind if the call is
    cancelled: nothing else can be done to a thread.
    """
    from chaos_mcp.providers.threads import in_thread  # noqa: PLC0415 - loads anyio

    signature, awaited = _shape(function)
    given = _given(signature, scope, tuple(groups)) if signature else {}
    call = partial(function, **{**arguments, **given})
    return partial(_awaited if awaited else in_thread, call)


async def _awaited(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await call()
    except SystemExit as error:
        raise ActivityFailed(f"it called exit({error.code!r})") from error


def _given(
    signature: inspect.Signature, scope: Scope, groups: tuple[str, ...]
) -> dict[str, Any]:
    """Return copies of configuration and secrets for a function that wants them."""
    given: dict[str, Any] = {}
    if "configuration" in signature.parameters:
        given["configuration"] = copy.deepcopy(dict(scope.configuration))
    if "secrets" in signature.parameters and groups:
        merged: dict[str, Any] = {}
        for group in groups:
            secret = scope.secrets.get(group, {})
            merged.update(
                copy.deepcopy(dict(secret))
                if isinstance(secret, Mapping)
                else {group: secret}
            )
        given["secrets"] = merged
    return given
