"""From models to what checks and writes them, made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaSerializer, SchemaValidator
from pydantic_core import core_schema as core

from chaos_mcp.checked.kinds import schema_of

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from chaos_mcp.checked.kinds import KindOf
    from chaos_mcp.checked.model import Model


_validators: dict[Any, SchemaValidator] = {}
_serializers: dict[Any, SchemaSerializer] = {}


def validator_of(kind: Any) -> SchemaValidator:
    """Return what checks a model, or anything that is made of models."""
    if kind not in _validators:
        _validators[kind] = SchemaValidator(_whole(kind))
    return _validators[kind]


def serializer_of(kind: type[Model]) -> SchemaSerializer:
    """Return what writes a model."""
    if kind not in _serializers:
        _serializers[kind] = SchemaSerializer(_whole(kind))
    return _serializers[kind]


def _whole(kind: Any) -> CoreSchema:
    """Return what a model means, and beside it each model that it is made of, once."""
    parts: dict[type[Model], CoreSchema] = {}

    def kind_of(one: Any) -> CoreSchema:
        if not _is_model(one):
            return schema_of(one, kind_of)
        if one not in parts:
            parts[one] = described(one, kind_of, ref_of(one))
        return core.definition_reference_schema(ref_of(one))

    top = described(kind, kind_of) if _is_model(kind) else kind_of(kind)
    return core.definitions_schema(top, list(parts.values())) if parts else top


def described(cls: type[Model], kind_of: KindOf, ref: str | None = None) -> CoreSchema:
    """Return what a model means to pydantic's core."""
    fields = {name: one.schema(kind_of) for name, one in cls.model_fields.items()}
    config = core.CoreConfig(
        title=cls.__name__,
        extra_fields_behavior=cls.model_config["extra"],
        validate_by_name=True,
        validate_by_alias=True,
    )
    inner = core.model_fields_schema(fields)
    if not hasattr(cls, "checked"):
        return core.model_schema(cls, inner, config=config, ref=ref)
    model = core.model_schema(cls, inner, config=config)
    return core.no_info_after_validator_function(_checked, model, ref=ref)


def ref_of(cls: type[Model]) -> str:
    """Return the name under which a model is referred to."""
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields")


def _checked(model: Any) -> Any:
    model.checked()
    return model
