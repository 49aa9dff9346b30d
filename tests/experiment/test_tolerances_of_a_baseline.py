"""What an experiment tolerates against a baseline is of the metrics that there are."""

from __future__ import annotations

from chaos_mcp.experiment.model import Tolerances
from chaos_mcp.history.metrics import METRICS


def test_every_metric_can_be_tolerated_and_nothing_else() -> None:
    named = {one.alias or name for name, one in Tolerances.model_fields.items()}

    assert named == METRICS.keys()


def test_only_what_was_written_counts() -> None:
    said = {"response-time@fault": "150%", "score": 0}

    found = Tolerances.model_validate(said)

    assert found.amounts == {"response-time@fault": 1.5, "score": 0.0}
    assert Tolerances().amounts == {}
