"""How far a mean over queries can be trusted: percentile bootstrap intervals, seeded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import InvalidRequest
from samespace.learn.evaluate.measures import Values

RESAMPLES = 2000
LEVEL = 0.95
_MOST_DRAWN = 4_000_000

Clusters = NDArray[np.intp]
"""For each query the number of what it belongs to, shape (n,): such queries are drawn together."""


@dataclass(frozen=True)
class Interval:
    """A mean, or what is made of means, and the bounds of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """How much better one is than another on the same queries: mean(a) - mean(b), mean(a) / mean(b)."""

    difference: Interval
    ratio: Interval


def interval(values: Values, seed: int, clusters: Clusters | None = None) -> Interval:
    """The mean of the queries' values, shape (n,), with its 95% interval; InvalidRequest where there is none.

    The percentile bootstrap (Efron 1979) over queries, or over the `clusters` they come in: the captions
    of one picture do not vary independently, and drawn singly they would feign certainty.
    """
    means = _resampled(values[:, None], seed, clusters)
    return _bounds(values.mean(), means[:, 0])


def paired_interval(a: Values, b: Values, seed: int, clusters: Clusters | None = None) -> Paired:
    """How a does against b on the same queries, in the same order: both are drawn together.

    The ratio is infinite where b's mean is 0, and 1 where both are. InvalidRequest for unlike lengths.
    """
    if a.shape != b.shape:
        raise InvalidRequest(f"{len(a)} values cannot be paired with {len(b)}")
    means = _resampled(np.stack([a, b], axis=1), seed, clusters)
    return Paired(
        _bounds(a.mean() - b.mean(), means[:, 0] - means[:, 1]),
        _bounds(_ratio(a.mean(), b.mean()), _ratio(means[:, 0], means[:, 1])),
    )


def _resampled(values: NDArray[np.float64], seed: int, clusters: Clusters | None) -> Values:
    """The means of (n, k) values in each resample, (RESAMPLES, k)."""
    if not len(values):
        raise InvalidRequest("there is no query, so there is no mean")
    sums, sizes = _summed(values, clusters)
    means = np.empty((RESAMPLES, values.shape[1]))
    random = np.random.default_rng(seed)
    step = max(1, _MOST_DRAWN // len(sums))
    for start in range(0, RESAMPLES, step):
        drawn = random.integers(len(sums), size=(min(step, RESAMPLES - start), len(sums)))
        for column in range(values.shape[1]):
            total = sums[:, column][drawn].sum(axis=1)
            means[start : start + step, column] = total / sizes[drawn].sum(axis=1)
    return means


def _summed(
    values: NDArray[np.float64], clusters: Clusters | None
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    if clusters is None:
        return values, np.ones(len(values), dtype=np.intp)
    _, members = np.unique(clusters, return_inverse=True)
    sums = np.zeros((members.max() + 1, values.shape[1]))
    np.add.at(sums, members, values)
    return sums, np.bincount(members)


def _ratio(a: NDArray[np.float64] | np.float64, b: NDArray[np.float64] | np.float64) -> Values:
    above, below = np.asarray(a), np.asarray(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((above == 0) & (below == 0), 1.0, above / below)


def _bounds(value: NDArray[np.float64] | np.float64, resampled: Values) -> Interval:
    # Observed values, not interpolated ones: the ratio may be infinite.
    beyond = (1 - LEVEL) / 2
    low, high = np.quantile(resampled, [beyond, 1 - beyond], method="inverted_cdf")
    return Interval(float(value), float(low), float(high))
