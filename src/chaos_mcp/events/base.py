"""What every event of a journal has."""

from typing import Annotated, Any, ClassVar

from chaos_mcp.checked.marks import Within
from chaos_mcp.checked.model import Model

JSON = Any
Finite = Annotated[float, Within(allow_inf_nan=False)]


class BaseEvent(Model, plain=True):
    """What every line of the journal has."""

    urgent: ClassVar[bool] = False
    """Whether it may use the room that is kept for undoing on a full disk."""

    run: str = ""
    seq: int = -1
    at: Finite = 0.0
    """Monotonic seconds since the run began."""
    wall: Finite = 0.0
    """Seconds since the epoch, by this machine's clock."""
