"""Words of a command or an environment, as people write them."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import core_schema as core

from chaos_mcp.checked.marks import Marked

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from chaos_mcp.checked.kinds import KindOf


class Written(Marked):
    """Text that may be written as a whole number, as ports are.

    Nothing else may: of `1.10` and `yes` it is no longer known how they were written.
    """

    __slots__ = ()

    def made(self, kind: Any, kind_of: "KindOf") -> "CoreSchema":
        """Return the text with what takes a number for it."""
        return core.no_info_before_validator_function(_text, kind_of(kind))

    def __get_pydantic_json_schema__(
        self, schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Return both, for the JSON Schema."""
        del schema, handler
        return {"type": ["string", "integer"]}


def _text(value: Any) -> Any:
    return str(value) if type(value) is int else value


Word = Annotated[str, Written()]
"""Text; a whole number is taken as it is written."""
