"""Activities in Chaos Toolkit's form, made callable by the provider that they name."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.experiment.model import HttpProvider, ProcessProvider, PythonProvider
from chaos_mcp.plan.model import Call
from chaos_mcp.providers.python import caller, function_of, unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.adapters.world import World
    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.model import Activity
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Ask

Problem = tuple[str, "KeyPath"]


def compile_activity(
    activity: Activity, scope: Scope, extra: dict[str, Any] | None = None
) -> tuple[list[Problem], Call | None]:
    """Return what is wrong with an activity, and the call that it stands for.

    `extra` are arguments that it will be given besides its own.
    """
    provider = activity.provider
    match provider:
        case PythonProvider():
            problems, prepare = _python(provider, extra or {})
        case ProcessProvider():
            problems, prepare = _process(provider, scope)
        case HttpProvider():
            problems, prepare = [], _http(provider)
    if prepare is None:
        return problems, None
    pauses = activity.pauses
    call = Call(
        activity.name,
        _words(provider),
        prepare,
        _limit(provider, scope),
        seconds(scope.resolve(pauses.before)) or 0.0 if pauses else 0.0,
        seconds(scope.resolve(pauses.after)) or 0.0 if pauses else 0.0,
        written=activity,
    )
    return problems, call


def seconds(value: Any) -> float | None:
    """Return a number of seconds for a number or numeral; None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _limit(provider: Any, scope: Scope) -> float | None:
    value = scope.resolve(provider.timeout)
    if isinstance(value, list):
        return sum(float(one) for one in value)
    return seconds(value)


def _words(provider: Any) -> str:
    match provider:
        case PythonProvider():
            return f"python {provider.module}.{provider.func}"
        case ProcessProvider():
            return f"process {provider.path}"
        case _:
            return f"http {provider.method} {provider.url}"


def _python(
    provider: PythonProvider, extra: dict[str, Any]
) -> tuple[list[Problem], Callable[[Scope], Ask] | None]:
    try:
        function = function_of(provider.module, provider.func)
    except ActivityFailed as error:
        return [(str(error), ("provider", "func"))], None
    if wrong := unfit(function, {**provider.arguments, **extra}):
        return [(f"the arguments do not fit: {wrong}", ("provider", "arguments"))], None

    def prepare(scope: Scope) -> Ask:
        arguments = scope.resolve(dict(provider.arguments))
        call = caller(function, {**arguments, **extra}, scope, provider.secrets)

        async def ask(_: World) -> Any:
            return await call()

        return ask

    return [], prepare


def _process(
    provider: ProcessProvider, scope: Scope
) -> tuple[list[Problem], Callable[[Scope], Ask] | None]:
    from chaos_mcp.providers import process  # noqa: PLC0415 - only for commands

    path = str(scope.resolve(provider.path))
    if process.program_of(path) is None:
        problem = f"there is no program {path!r} on the PATH"
        return [(problem, ("provider", "path"))], None

    def prepare(scope: Scope) -> Ask:
        command = _command(provider, scope)

        async def ask(_: World) -> Any:
            return await process.run_command(command)

        return ask

    return [], prepare


def _command(provider: ProcessProvider, scope: Scope) -> str | list[str]:
    """Return the command as Chaos Toolkit builds it: text goes through the shell."""
    import shlex  # noqa: PLC0415 - only for commands

    from chaos_mcp.providers.process import program_of  # noqa: PLC0415 - so is this

    path = program_of(str(scope.resolve(provider.path))) or provider.path
    arguments = scope.resolve(provider.arguments)
    if isinstance(arguments, str):
        return f"{shlex.quote(path)} {arguments}"
    if isinstance(arguments, dict):
        arguments = chain.from_iterable(arguments.items())
    return [path, *(str(one) for one in arguments if one not in (None, ""))]


def _http(provider: HttpProvider) -> Callable[[Scope], Ask]:
    from chaos_mcp.providers import http  # noqa: PLC0415 - only for requests

    def prepare(scope: Scope) -> Ask:
        headers = scope.resolve(provider.headers or {})
        call = http.Call(
            url=str(scope.resolve(provider.url)),
            method=provider.method,
            headers={key: str(value) for key, value in headers.items()},
            arguments=scope.resolve(provider.arguments) or None,
            timeout=_limit(provider, scope),
            verify_tls=bool(scope.resolve(provider.verify_tls)),
            retries=int(scope.resolve(provider.max_retries)),
        )

        async def ask(_: World) -> Any:
            return await http.send(call)

        return ask

    return prepare
