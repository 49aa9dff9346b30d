"""From models to what checks and writes them, made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaSerializer, SchemaValidator
from pydantic_core import core_schema as core

from chaos_mcp.checked.kinds import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import CoreSchema

    from chaos_mcp.checked.kinds import KindOf
    from chaos_mcp.checked.model import Model


_validators: dict[Any, SchemaValidator] = {}
_serializers: dict[Any, SchemaSerializer] = {}


def validator_of(kind: Any) -> SchemaValidator:
    """Return what checks a model, or anything that is made of models."""
    if kind not in _validators:
        _validators[kind] = SchemaValidator(_whole(kind, _read))
    return _validators[kind]


def serializer_of(kind: type[Model]) -> SchemaSerializer:
    """Return what writes a model."""
    if kind not in _serializers:
        _serializers[kind] = SchemaSerializer(_whole(kind, described))
    return _serializers[kind]


def _whole(kind: Any, meaning: Callable[..., CoreSchema]) -> CoreSchema:
    """Return what a model means, and beside it each model that it is made of, once."""
    parts: dict[type[Model], CoreSchema] = {}

    def kind_of(one: Any) -> CoreSchema:
        if not _is_model(one):
            return schema_of(one, kind_of)
        if one not in parts:
            parts[one] = meaning(one, kind_of, ref_of(one))
        return core.definition_reference_schema(ref_of(one))

    top = meaning(kind, kind_of) if _is_model(kind) else kind_of(kind)
    return core.definitions_schema(top, list(parts.values())) if parts else top


def described(cls: type[Model], kind_of: KindOf, ref: str | None = None) -> CoreSchema:
    """Return what a model means to pydantic's core."""
    config = _config(cls)
    fields = {name: one.schema(kind_of) for name, one in cls.model_fields.items()}
    inner = core.model_fields_schema(fields)
    if not hasattr(cls, "checked"):
        return core.model_schema(cls, inner, config=config, ref=ref)
    model = core.model_schema(cls, inner, config=config)
    return core.no_info_after_validator_function(_checked, model, ref=ref)


def _read(cls: type[Model], kind_of: KindOf, ref: str | None = None) -> CoreSchema:
    """Return what a model means where one is made: of a plain one, no more is kept."""
    if not cls.plain:
        return described(cls, kind_of, ref)
    fields = [one.argument(name, kind_of) for name, one in cls.model_fields.items()]
    inner = core.dataclass_args_schema(cls.__name__, fields)
    names = [*cls.model_fields]
    return core.dataclass_schema(cls, inner, names, config=_config(cls), ref=ref)


def _config(cls: type[Model]) -> core.CoreConfig:
    return core.CoreConfig(
        title=cls.__name__,
        extra_fields_behavior=cls.model_config["extra"],
        validate_by_name=True,
        validate_by_alias=True,
    )


def ref_of(cls: type[Model]) -> str:
    """Return the name under which a model is referred to."""
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields")


def _checked(model: Any) -> Any:
    model.checked()
    return model
