"""The JSON Schema of experiments, so that editors complete and check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.model import Experiment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(
    faults: Mapping[str, type[BaseModel]], probes: Mapping[str, type[BaseModel]]
) -> dict[str, Any]:
    """Return the schema, with the arguments of these faults and probes spelled out."""
    experiment = Experiment.model_json_schema(by_alias=True)
    definitions = experiment.pop("$defs")
    _spell_out(definitions, "FaultCall", "fault", faults)
    _spell_out(definitions, "ProbeCall", "probe", probes)
    properties = experiment["properties"]
    properties["method"] = properties["perturbations"]
    properties.pop("dialect", None)
    return {
        "$schema": DIALECT,
        "$id": "https://chaos-mcp.example/experiment.schema.json",
        **experiment,
        "title": "chaos-mcp experiment",
        "$defs": definitions,
    }


def _spell_out(
    definitions: dict[str, Any],
    call: str,
    key: str,
    named: Mapping[str, type[BaseModel]],
) -> None:
    """Add, to an entry in the short form, what each name that it calls asks for."""
    entry = definitions[call]
    entry["allOf"] = [_case(key, name, one) for name, one in named.items()]
    known = entry["properties"][key]
    # Projects and plugins have names of their own, so these are only offered.
    entry["properties"][key] = {
        **known,
        "anyOf": [{"enum": sorted(named)}, {"type": "string"}],
    }


def _case(key: str, name: str, model: type[BaseModel]) -> dict[str, Any]:
    found = model.model_json_schema(by_alias=True)
    return {
        "if": {"properties": {key: {"const": name}}, "required": [key]},
        "then": {
            "description": found.get("description", ""),
            "properties": _open(found["properties"]),
            "required": found.get("required", []),
        },
    }


def _open(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties that may be a reference as well as a value."""
    reference = {"type": "string", "pattern": r"\$\{[^}]+\}"}
    return {
        name: {"anyOf": [one, reference], **_kept(one, ("description", "default"))}
        for name, one in properties.items()
    }


def _kept(found: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: found[key] for key in keys if key in found}
