"""The forms in which a step may be written, and how one tells which it is."""

from typing import Annotated, Any

from chaos_mcp.checked.marks import Told
from chaos_mcp.experiment.model.calls import ActionCall, FaultCall, ProbeCall
from chaos_mcp.experiment.model.toolkit import Activity, Ref

FORMS = ("fault:", "probe:", "action:", "ref:", "activity:")
"""Tags of the forms. Their colons tell them from keys in the locations of errors."""


def _form(value: Any) -> str | None:
    """Tell in which of its forms an entry is written."""
    keys = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
    for form in ("fault", "probe", "action", "ref"):
        if form in keys:
            return f"{form}:"
    return "activity:" if "type" in keys or "provider" in keys else None


Step = Annotated[
    FaultCall | ProbeCall | ActionCall | Ref | Activity,
    Told(_form, "fault:", "probe:", "action:", "ref:", "activity:"),
]
Question = Annotated[
    ProbeCall | Ref | Activity, Told(_form, "probe:", "ref:", "activity:")
]
Deed = Annotated[
    ActionCall | ProbeCall | Ref | Activity,
    Told(_form, "action:", "probe:", "ref:", "activity:"),
]
