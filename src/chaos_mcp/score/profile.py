"""What a score was measured by: only scores of the same profile can be compared."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.score.model import Settings

VERSION = 1
"""Raised whenever the score is computed differently."""


def profile(settings: Settings, weights: Mapping[str, float]) -> str:
    """Return a hash of parts, weights, SLOs, workloads and faults.

    The threshold is not in it: it judges a score and does not make it.
    """
    measured_by = {
        "version": VERSION,
        "weights": {name: round(weight, 6) for name, weight in weights.items()},
        "settings": settings.model_dump(mode="json", exclude={"threshold"}),
    }
    return sha256(json.dumps(measured_by, sort_keys=True).encode()).hexdigest()[:16]
