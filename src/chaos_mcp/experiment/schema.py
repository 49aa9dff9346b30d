"""The JSON Schema of experiments, so that editors complete and check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from pydantic import TypeAdapter

from chaos_mcp.experiment import model
from chaos_mcp.experiment.docstrings import field_docs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = {"type": "string", "pattern": r"\$\{[^}]+\}"}
"""A value may be a reference instead: the schema cannot know what it stands for."""
PLAIN = frozenset({"string", "integer", "number", "boolean"})


def schema(
    faults: Mapping[str, type[BaseModel]],
    probes: Mapping[str, type[BaseModel]],
    actions: Mapping[str, type[BaseModel]] | None = None,
) -> dict[str, Any]:
    """Return the schema, with the arguments of what these names call spelled out."""
    experiment = _of(model.Experiment)
    definitions = {name: _described(name, one) for name, one in _parts(experiment)}
    _spell_out(definitions["FaultCall"], "fault", faults, definitions)
    _spell_out(definitions["ProbeCall"], "probe", probes, definitions)
    _spell_out(definitions["ActionCall"], "action", actions or {}, definitions)
    _spell_out(definitions["Limits"], "probe", probes, definitions)
    properties = experiment["properties"]
    properties.pop("dialect", None)
    properties["method"] = {
        **properties["perturbations"],
        "description": "Chaos Toolkit's name of `perturbations`.",
    }
    return {
        "$schema": DIALECT,
        "$id": "https://chaos-mcp.example/experiment.schema.json",
        **experiment,
        "title": "chaos-mcp experiment",
        "not": {"required": ["method", "perturbations"]},
        "$defs": definitions,
    }


def _of(cls: type[Any]) -> dict[str, Any]:
    """Return the schema of a model, without repetition and with references."""
    found = _untitled(TypeAdapter(cls).json_schema(by_alias=True))
    _document(found["properties"], cls)
    found["properties"] = {
        name: _open(one) for name, one in found["properties"].items()
    }
    return dict(found)


def _parts(experiment: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(experiment.pop("$defs").items())


def _described(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the experiment with what its fields' docstrings say."""
    properties = definition.get("properties", {})
    _document(properties, getattr(model, name, object))
    return {
        **definition,
        "properties": {key: _open(one) for key, one in properties.items()},
    }


def _document(properties: dict[str, Any], cls: type) -> None:
    fields = getattr(cls, "model_fields", {})
    for name, text in field_docs(cls).items():
        key = fields[name].alias or name if name in fields else name
        if key in properties:
            properties[key].setdefault("description", text)


def _untitled(found: Any, *, names: bool = False) -> Any:
    """Return a schema without titles, which only repeat the names of fields.

    With `names`, the keys at hand are names of fields and not words of the schema.
    """
    if isinstance(found, list):
        return [_untitled(one) for one in found]
    if not isinstance(found, dict):
        return found
    return {
        key: _untitled(one, names=not names and key in ("properties", "$defs"))
        for key, one in found.items()
        if names or key != "title" or not isinstance(one, str)
    }


def _open(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that may be a reference as well."""
    kept = {key: found[key] for key in ("description", "default") if key in found}
    alternatives = list(_alternatives(found))
    if any(map(_takes_references, alternatives)):
        return dict(found)
    if not any(one.get("type") in PLAIN for one in alternatives):
        return dict(found)
    inner = {key: one for key, one in found.items() if key not in kept}
    return {"anyOf": [*inner.get("anyOf", [inner]), REFERENCE], **kept}


def _alternatives(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "anyOf" in found:
        for one in found["anyOf"]:
            yield from _alternatives(one)
    else:
        yield found


def _takes_references(found: Mapping[str, Any]) -> bool:
    pattern = found.get("pattern", "")
    free = not pattern or r"\$\{" in pattern or pattern == model.NAME
    return found.get("type") == "string" and free and "enum" not in found


def _spell_out(
    entry: dict[str, Any],
    key: str,
    named: Mapping[str, type[BaseModel]],
    definitions: dict[str, Any],
) -> None:
    """Add, to an entry in the short form, what each name that it calls asks for."""
    if not named:
        return
    own = sorted(entry["properties"])
    entry["allOf"] = [
        _case(key, name, one, own, definitions) for name, one in named.items()
    ]
    known = entry["properties"][key]
    # Projects and plugins have names of their own, so these are only offered.
    offered = [{"enum": sorted(named)}, *known.pop("anyOf", [{"type": "string"}])]
    entry["properties"][key] = {**known, "anyOf": offered}


def _case(
    key: str,
    name: str,
    cls: type[BaseModel],
    own: list[str],
    definitions: dict[str, Any],
) -> dict[str, Any]:
    """Return what holds for an entry that calls this name."""
    found = _of(cls)
    # Arguments that are models of their own: references to them start at the top.
    definitions.update(found.get("$defs", {}))
    then = {
        "description": found.get("description", ""),
        "properties": found["properties"],
        "required": found.get("required", []),
        "propertyNames": {"enum": [*own, *sorted(found["properties"])]},
        "examples": _examples(cls),
    }
    return {
        "if": {"properties": {key: {"const": name}}, "required": [key]},
        "then": then,
    }


def _examples(cls: type[BaseModel]) -> list[Any]:
    example = getattr(cls, "example", "")
    return [yaml.safe_load(example)] if example else []
