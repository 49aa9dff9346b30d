"""Write `methods.py`: every built-in fault as a typed method.

`python -m chaos_mcp.sessions.generate` writes it anew, once faults have changed.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import PlainSerializer
from pydantic_core import PydanticUndefined

from chaos_mcp.experiment.units import Quantity, parse_duration
from chaos_mcp.faults import BUILT_IN
from chaos_mcp.sessions.asked import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from chaos_mcp.faults.base import Fault

FILE = Path(__file__).with_name("methods.py")
HEAD = '''\
"""Every built-in fault as a typed method.

Written by `python -m chaos_mcp.sessions.generate`; a test says when to call that again.
"""
# ruff: noqa: A002, E501, PLR0913 - faults call their arguments as experiments do

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from chaos_mcp.sessions.things import Part, Proxy

    Span = float | str | timedelta
    """Seconds, text such as "200ms", or a timedelta."""

F = TypeVar("F")


class Faults(Generic[F]):
    """The faults; each method returns a context manager, in which the fault stands.

    `duration` ends a fault before its block does. A fault whose effect nothing shows is
    a failure (`FaultUnproven`), unless `prove` is false.
    """

    @abstractmethod
    def fault(
        self,
        kind: str,
        *,
        duration: Span | None = None,
        prove: bool = True,
        **arguments: Any,
    ) -> F:
        """Return a fault by its name, such as `network.partition`."""
'''
NAMED = {"proxy": "Proxy | str", "process": "Part | str"}
"""Arguments that may be given as what a session has returned."""
OURS = [("duration", "Span | None", "None"), ("prove", "bool", "True")]


def written() -> str:
    """Return the whole module."""
    return HEAD + "".join(_method(kind, _class(kind)) for kind in sorted(BUILT_IN))


def _class(kind: str) -> type[Fault]:
    module, _, name = BUILT_IN[kind].partition(":")
    cls: type[Fault] = getattr(import_module(module), name)
    cls.model_rebuild()
    return cls


def _method(kind: str, cls: type[Fault]) -> str:
    fields = cls.model_fields
    target = next((one for one in TARGETS if one in fields), "")
    rest = [name for name in fields if name != target]
    parameters = [
        "self",
        *(_parameter(name, fields[name]) for name in [target] if name),
    ]
    parameters.append("*")
    parameters += [_parameter(name, fields[name]) for name in _ordered(rest, fields)]
    parameters += [f"{name}: {kind_} = {default}" for name, kind_, default in OURS]
    passed = [repr(kind).replace("'", '"'), *(f"{one}={one}" for one in fields)]
    passed += [f"{name}={name}" for name, _, _ in OURS]
    lines = [
        "",
        f"def {kind.replace('.', '_').replace('-', '_')}(",
        *(f"    {one}," for one in parameters),
        ") -> F:",
        f'    """{_first_line(cls)}"""',
        "    return self.fault(",
        *(f"        {one}," for one in passed),
        "    )",
        "",
    ]
    return textwrap.indent("\n".join(lines), "    ", lambda line: bool(line.strip()))


def _ordered(names: list[str], fields: dict[str, FieldInfo]) -> list[str]:
    """Return what has to be given before what may be."""
    return sorted(names, key=lambda name: not fields[name].is_required())


def _first_line(cls: type[Fault]) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _parameter(name: str, info: FieldInfo) -> str:
    kind = _kind(info.annotation, info.metadata)
    if name in NAMED:
        kind = kind.replace("str", NAMED[name], 1)
    default = info.default
    if info.default_factory:
        return f"{name}: {kind} | None = None"
    if default is PydanticUndefined:
        return f"{name}: {kind}"
    return f"{name}: {kind} = {_literal(default)}"


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _kind(kind: Any, marks: list[Any] | tuple[Any, ...] = ()) -> str:
    """Return how an argument's type is written for whoever calls."""
    base = get_origin(kind)
    if base is Annotated:
        inner, *more = get_args(kind)
        return _kind(inner, more)
    for mark in marks:
        if isinstance(mark, Quantity):
            return "Span" if mark.parse is parse_duration else _plain(kind) + " | str"
        if isinstance(mark, PlainSerializer):
            return f"{_plain(kind)} | str"
    if base in (Union, UnionType):
        return " | ".join(dict.fromkeys(_kind(one) for one in get_args(kind)))
    return _plain(kind)


def _plain(kind: Any) -> str:
    base = get_origin(kind)
    if base is Literal:
        return f"Literal[{', '.join(_literal(one) for one in get_args(kind))}]"
    if base is tuple:
        return f"Sequence[{_kind(get_args(kind)[0])}]"
    if base is dict:
        return "Mapping[str, Any]"
    if kind is NoneType:
        return "None"
    return kind.__name__ if kind in (str, int, float, bool) else "Any"


def main() -> Iterator[str]:
    """Write the module; yield what was done."""
    FILE.write_text(written(), "utf-8")
    yield f"written: {FILE}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in main())
