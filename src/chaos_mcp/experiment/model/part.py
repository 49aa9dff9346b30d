"""What every piece of an experiment is made of."""

from typing import Annotated

from chaos_mcp.checked.marks import Within
from chaos_mcp.checked.model import Model

NAME = r"^[^\x00-\x1f\x7f]{1,200}$"
PART_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,62}$"

Name = Annotated[str, Within(pattern=NAME)]
PartName = Annotated[str, Within(pattern=PART_NAME)]
Positive = Annotated[int, Within(gt=0)]


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Part(Model, extra="forbid", alias=_kebab):
    """A piece of an experiment: frozen, and refusing keys that it does not know."""
