"""Student's t by its normal equivalent, both ways, in closed form (Wallace 1959).

Right to a few thousandths in the tails from two degrees of freedom on, which is less
than a bootstrap's own error.
"""

from __future__ import annotations

from math import copysign, exp, inf, isinf, log1p, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


def tail(t: float, freedom: float) -> float:
    """Return the chance of a value over t."""
    return _NORMAL.cdf(-_equivalent(t, freedom))


def quantile(share: float, freedom: float) -> float:
    """Return the value that this share of the distribution lies under."""
    z = _NORMAL.inv_cdf(share)
    if isinf(freedom):
        return z
    stretched = z * (8 * freedom + 3) / (8 * freedom + 1)
    return copysign(sqrt(freedom * (exp(stretched**2 / freedom) - 1)), z)


def _equivalent(t: float, freedom: float) -> float:
    if isinf(t) or isinf(freedom):
        return t
    scale = (8 * freedom + 1) / (8 * freedom + 3)
    return copysign(scale * sqrt(freedom * log1p(t**2 / freedom)), t)


def pooled_freedom(
    first: float, first_freedom: float, second: float, second_freedom: float
) -> float:
    """Return the freedom of a difference, from both errors (Welch, Satterthwaite)."""
    a, b = first**2, second**2
    below = a**2 / first_freedom + b**2 / second_freedom
    return inf if below <= 0 else (a + b) ** 2 / below
