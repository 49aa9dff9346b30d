"""What an experiment is: the keys people write, and what each may hold."""

from chaos_mcp.experiment.model.baseline import (
    Baseline,
    Tolerances,
)
from chaos_mcp.experiment.model.calls import (
    ActionCall,
    Call,
    FaultCall,
    ProbeCall,
)
from chaos_mcp.experiment.model.experiment import (
    Experiment,
    Hypothesis,
    Recovery,
    Scoring,
)
from chaos_mcp.experiment.model.part import (
    NAME,
    PART_NAME,
    Part,
)
from chaos_mcp.experiment.model.safety import (
    BlastRadius,
    Limits,
)
from chaos_mcp.experiment.model.steps import (
    FORMS,
)
from chaos_mcp.experiment.model.system import (
    Container,
    Health,
    Process,
    Proxy,
    System,
    Toxiproxy,
)
from chaos_mcp.experiment.model.toolkit import (
    Activity,
    Control,
    ControlProvider,
    HttpProvider,
    Pauses,
    ProcessProvider,
    PythonProvider,
    Ref,
)
from chaos_mcp.experiment.model.workload import (
    Request,
    Slo,
    Workload,
)

__all__ = [
    "FORMS",
    "NAME",
    "PART_NAME",
    "ActionCall",
    "Activity",
    "Baseline",
    "BlastRadius",
    "Call",
    "Container",
    "Control",
    "ControlProvider",
    "Experiment",
    "FaultCall",
    "Health",
    "HttpProvider",
    "Hypothesis",
    "Limits",
    "Part",
    "Pauses",
    "ProbeCall",
    "Process",
    "ProcessProvider",
    "Proxy",
    "PythonProvider",
    "Recovery",
    "Ref",
    "Request",
    "Scoring",
    "Slo",
    "System",
    "Tolerances",
    "Toxiproxy",
    "Workload",
]
