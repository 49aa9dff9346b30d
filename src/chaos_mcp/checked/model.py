"""The base of what is checked as it is made: frozen, and JSON both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, dataclass_transform

from chaos_mcp.checked.building import (
    described,
    ref_of,
    serializer_of,
    validator_of,
)
from chaos_mcp.checked.fields import Facts, field, own_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Extra = Literal["ignore", "allow", "forbid"]


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(field,)
)
class Model:
    """Fields with types and defaults; what does not fit them is refused.

    A subclass that has a `checked` of its own is asked whether its fields go together.
    One that is `plain` does not remember which fields were given, keeps nothing else
    that was, and takes a third less time and memory: there may be a million of them.

    Its annotations are read when the class is made, so a module that has models does
    without `from __future__ import annotations`.
    """

    __slots__ = (
        "__dict__",
        "__pydantic_extra__",
        "__pydantic_fields_set__",
        "__pydantic_private__",
    )
    __pydantic_extra__: dict[str, Any] | None
    __pydantic_fields_set__: set[str]

    model_fields: ClassVar[Mapping[str, Facts]] = {}
    model_config: ClassVar[Mapping[str, Any]] = {"extra": "ignore"}
    """As pydantic has it, which looks there when it writes a JSON Schema."""
    plain: ClassVar[bool] = False
    _alias: ClassVar[Callable[[str], str] | None] = None

    def __init_subclass__(
        cls,
        extra: Extra | None = None,
        alias: Callable[[str], str] | None = None,
        *,
        plain: bool = False,
    ) -> None:
        """Take note of the fields; `alias` says how they are written."""
        super().__init_subclass__()
        if plain:
            cls.plain = True
        if extra:
            cls.model_config = {"extra": extra}
        if cls.plain and cls.model_config["extra"] != "ignore":
            raise TypeError(
                f"{cls.__name__}: a plain model keeps its fields and no more"
            )
        if alias:
            cls._alias = staticmethod(alias)
        cls.model_fields = {**cls.model_fields, **own_fields(cls, cls._alias)}

    def __init__(self, **data: Any) -> None:
        validator_of(type(self)).validate_python(data, self_instance=self)

    @classmethod
    def model_validate(cls, data: Any) -> Self:
        """Return a model made of data; raise `ValidationError` if it does not fit."""
        made: Self = validator_of(cls).validate_python(data)
        return made

    @property
    def model_fields_set(self) -> set[str]:
        """Return the names of the fields that were given; no plain model knows."""
        return self.__pydantic_fields_set__

    @property
    def model_extra(self) -> dict[str, Any] | None:
        """Return what was given besides the fields, where that is allowed."""
        return None if self.plain else self.__pydantic_extra__

    def model_dump(
        self,
        *,
        mode: Literal["python", "json"] = "python",
        by_alias: bool = False,
        exclude: set[str] | None = None,
        exclude_unset: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """Return the fields as a mapping, with what they hold written out."""
        dumped: dict[str, Any] = serializer_of(type(self)).to_python(
            self,
            mode=mode,
            by_alias=by_alias,
            exclude=exclude,
            exclude_unset=exclude_unset,
            exclude_none=exclude_none,
        )
        return dumped

    def model_dump_json(self) -> str:
        """Return the fields as JSON."""
        return serializer_of(type(self)).to_json(self).decode()

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self:
        """Return the same with some fields replaced, which are not checked again."""
        made = object.__new__(type(self))
        new = update or {}
        rest: dict[str, Any] = {}
        if not self.plain:
            rest["__pydantic_extra__"] = self.__pydantic_extra__
            given = self.__pydantic_fields_set__ | new.keys()
            rest["__pydantic_fields_set__"] = given
        made.__setstate__(({**self.__dict__, **new}, rest))
        return made

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]] | Any) -> None:
        """Take over what another held, which is how copies are made."""
        held, rest = (state, {}) if isinstance(state, dict) else state
        self.__dict__.update(held)
        for name, value in rest.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse: what was checked stays as it is."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name}")

    def __delattr__(self, name: str) -> None:
        """Refuse."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name}")

    def __eq__(self, other: object) -> bool:
        """Tell whether the other is of the same kind and holds the same."""
        if type(other) is not type(self):
            return NotImplemented
        return _held(self) == _held(other)

    def __hash__(self) -> int:
        """Return the same for equal ones."""
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        """Write it as the call that makes it."""
        shown = ", ".join(f"{key}={value!r}" for key, value in _held(self).items())
        return f"{type(self).__name__}({shown})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return what it means to pydantic itself, which writes the JSON Schema."""
        del source
        return described(cls, handler.generate_schema, ref_of(cls))


def _held(model: Model) -> dict[str, Any]:
    return {**model.__dict__, **(model.model_extra or {})}
