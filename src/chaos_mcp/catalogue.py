"""What can be called, described for people: summary, arguments with units, example."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.registry import Entry


def summary(entry: Entry) -> str:
    """Return the first line of what an entry says of itself, or why it cannot."""
    try:
        return (inspect.getdoc(entry.load()) or "").partition("\n")[0]
    except ChaosError as error:
        return str(error)


def about(entry: Entry) -> Iterator[str]:
    """Yield everything that there is to know of an entry, line by line."""
    thing = entry.load()
    yield f"{entry.name}  ({entry.sort}, {entry.origin}: {entry.source})"
    yield ""
    yield from (inspect.getdoc(thing) or "It says nothing of itself.").splitlines()
    yield ""
    if entry.sort == "report":
        yield f"chaos report RUN --format {entry.name}"
        return
    yield "arguments"
    yield from _arguments(thing)
    undo = getattr(thing, "undo_in_words", "")
    if undo:
        yield ""
        yield f"undone by: {undo}"
    example = getattr(thing, "example", "")
    if example:
        yield ""
        yield "example"
        yield from (f"  {line}" for line in example.splitlines())


def _arguments(thing: Any) -> Iterator[str]:
    rows = list(_fields(thing) if _is_model(thing) else _parameters(thing))
    width = max((len(name) for name, _ in rows), default=0)
    for name, words in rows:
        yield f"  {name:<{width}}  {words}".rstrip()
    if not rows:
        yield "  none"


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    schema = model.model_json_schema(by_alias=True)
    for name, field in schema["properties"].items():
        required = name in schema.get("required", ())
        given = "required" if required else f"default {field.get('default')!r}"
        examples = "".join(f", such as {one}" for one in field.get("examples", ()))
        words = field.get("description", "")
        yield name, f"{words} ({given}{examples})"


def _parameters(function: Any) -> Iterator[tuple[str, str]]:
    for name, parameter in inspect.signature(function).parameters.items():
        kind = parameter.annotation
        said = "" if kind is inspect.Parameter.empty else _type_name(kind)
        if parameter.default is inspect.Parameter.empty:
            yield name, f"{said} (required)"
        else:
            yield name, f"{said} (default {parameter.default!r})"


def _type_name(kind: Any) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
