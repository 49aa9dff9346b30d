"""What each part of the score weighs."""

from __future__ import annotations

WEIGHTS = {
    "availability": 30.0,
    "latency": 15.0,
    "error budget": 15.0,
    "recovery": 25.0,
    "residual": 10.0,
    "detection": 5.0,
}
"""Points that each part can give; what a part that isn't counted leaves over goes to
the others, each in proportion to its own."""


def weights(*, waited: bool, detecting: bool) -> dict[str, float]:
    """Return the weights in force, which give 100 together.

    Recovery counts where somebody waited for it, detection where it was asked for.
    """
    left = dict(WEIGHTS)
    if not detecting:
        left["detection"] = 0.0
    if not waited:
        left["recovery"] = left["residual"] = 0.0
    whole = sum(left.values())
    return {name: 100 * weight / whole for name, weight in left.items()}
