"""How long delays are: from a draw between 0 and 1 to a time, by several laws.

Each law is a quantile function: it gives the time that a share of `draw` of all delays
stay below. `mean` and `spread` are in any unit; but for `uniform`, whose spread is what
Toxiproxy calls jitter, the spread is the standard deviation.
"""

from collections.abc import Callable, Mapping
from math import exp, hypot, isinf, log, log1p, sqrt

_EDGE = 2.0**-53
"""The least distance of a draw from 0 and 1, where a quantile would be infinite."""

Law = Callable[[float, float, float], float]


def uniform(draw: float, mean: float, spread: float) -> float:
    """Return the mean, give or take as much as `spread`."""
    return mean + spread * (-1.0 + 2.0 * draw)


def normal(draw: float, mean: float, spread: float) -> float:
    """Return a time of the bell curve."""
    return mean + spread * deviate(draw)


def lognormal(draw: float, mean: float, spread: float) -> float:
    """Return a time whose logarithm is of the bell curve: what routers' queues make."""
    if not mean:
        return 0.0
    variance = 2 * log(hypot(1, spread / mean))
    return mean * exp(sqrt(variance) * deviate(draw) - variance / 2)


def pareto(draw: float, mean: float, spread: float) -> float:
    """Return a time with a heavy tail: mostly short, now and then very long."""
    if not mean or not spread:
        return mean
    shape = 1 + hypot(1, mean / spread)
    if isinf(shape):
        return mean
    least = mean * (shape - 1) / shape
    return least * exp(-log1p(-_inside(draw)) / shape)


LAWS: Mapping[str, Law] = {
    "uniform": uniform,
    "normal": normal,
    "lognormal": lognormal,
    "pareto": pareto,
}


def _inside(draw: float) -> float:
    return min(max(draw, _EDGE), 1 - _EDGE)


def deviate(draw: float) -> float:
    """Return how many standard deviations a normal draw is from the mean."""
    from statistics import NormalDist  # noqa: PLC0415 - 10 ms

    return NormalDist().inv_cdf(_inside(draw))


def following(draw: float, last: float | None, correlation: float) -> float:
    """Return a draw that is like the last one, and still uniform from 0 to 1.

    The normal deviates of consecutive draws have this correlation (a Gaussian copula),
    so that the law of the delays is kept whatever the correlation is.
    """
    if last is None or not correlation:
        return draw
    from statistics import NormalDist  # noqa: PLC0415 - 10 ms

    fresh = sqrt(1 - correlation**2) * deviate(draw)
    return NormalDist().cdf(correlation * deviate(last) + fresh)
