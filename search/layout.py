"""From vectors to places on a plane: near in the space, near on the map. Runs in a process of its own.

The reasons and the measurements are in docs/decisions/0009-map.md.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Vectors

Places: TypeAlias = NDArray[np.float32]
"""Coordinates, shape (n, 2), float32."""

Report: TypeAlias = Callable[[float], None]
"""Hears which share of the work is done, 0 to 1."""

SEED = 1
FEW = 10
NEIGHBOURS = 15
_DIMENSIONS = 50
_MIN_DISTANCE = 0.1
_KNOWN_SHARE = 0.5
_LEANING = 1
_PACE = 0.02
"""How fast points move that stood on the former map; faster ones wander off."""
_CLAIMS = 90
_TINY = 1e-9
_UMAP_SIDE = 10.0


def lay_out(vectors: Vectors, kinds: NDArray[np.uint8], former: Places, report: Report) -> Places:
    """A place in 0..1 by 0..1 for each vector, the longer side filled; the same for the same input.

    `vectors` is (n, dim), `kinds` (n,) says of which modality each is, `former` (n, 2) where it stood on
    the map before, NaN where it did not. UMAP (McInnes et al. 2018, arXiv:1802.03426); ten and fewer vectors,
    which have no neighbourhoods to keep, stand as their principal components do.
    """
    reduced = principal(centred(vectors, kinds), _DIMENSIONS)
    if len(reduced) <= FEW:
        return fitted(reduced[:, :2])
    near, distances = _neighbours(reduced)
    beginning, pace = _beginning(reduced, near, former), _PACE if _is_known(former) else 1.0
    places = _umap(reduced, near, distances, beginning, pace, report)
    return fitted(aligned(places, former) if _is_known(former) else places)


def centred(vectors: Vectors, kinds: NDArray[np.uint8]) -> Vectors:
    """The vectors without the mean of their modality, of unit length again.

    Encoders trained on pairs keep pictures and texts in cones apart (Liang et al. 2022, arXiv:2203.02053); what
    is left without the means says what a thing is about. The mean of few leans on that of all: a single
    picture is not its own mean.
    """
    moved = np.array(vectors, np.float32)
    middle = moved.mean(axis=0) if len(moved) else np.zeros(moved.shape[1], np.float32)
    for kind in np.unique(kinds):
        mine = kinds == kind
        trust = mine.sum() / (mine.sum() + _LEANING)
        moved[mine] -= trust * moved[mine].mean(axis=0) + (1 - trust) * middle
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, _TINY), np.float32)


def principal(rows: Vectors, dimensions: int) -> Vectors:
    """The rows along their first principal components, (n, at least 2 and at most `dimensions`)."""
    if len(rows) == 0:
        return np.zeros((0, 2), np.float32)
    rows = rows - rows.mean(axis=0)
    _, directions = np.linalg.eigh(rows.T @ rows)
    axes = directions[:, ::-1][:, : max(2, min(dimensions, rows.shape[1]))]
    # A direction and its opposite are equally good: which comes first in a library is no reason to mirror a map.
    longest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.asarray(rows @ (axes * np.where(longest < 0, -1, 1)), np.float32)


def fitted(places: Places) -> Places:
    """The places moved and scaled into 0..1 by 0..1, aspect kept, the shorter side in the middle."""
    if len(places) == 0:
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    side = float((high - low).max())
    if side <= _TINY:
        return np.full_like(places, 0.5)
    middle = (low + high) / 2
    return np.asarray(np.clip((places - middle) / side + 0.5, 0, 1), np.float32)


def aligned(places: Places, former: Places) -> Places:
    """The places turned or mirrored, scaled and moved to where they are nearest to the former ones.

    The orthogonal Procrustes transform (Schönemann 1966) over the points that have a former place, NaN being none.
    """
    known = ~np.isnan(former[:, 0])
    middle, target = places[known].mean(axis=0), former[known].mean(axis=0)
    moved = places - middle
    left, sizes, right = np.linalg.svd(moved[known].T @ (former[known] - target))
    scale = sizes.sum() / max(float((moved[known] ** 2).sum()), _TINY)
    return np.asarray(scale * moved @ (left @ right) + target, np.float32)


def _squared(places: Places) -> Places:
    """The places turned until they are as wide as they are high: UMAP stretches each side of what it begins with
    to the same length, which bends a map that is not square."""

    def turned(angle: float) -> Places:
        sine, cosine = np.sin(angle), np.cos(angle)
        return np.asarray(places @ np.array([[cosine, -sine], [sine, cosine]]), np.float32)

    def oddness(angle: float) -> float:
        sides = np.ptp(turned(angle), axis=0)
        return float(abs(sides[0] - sides[1]))

    return turned(min(np.linspace(0, np.pi / 2, _CLAIMS), key=oddness))


def _neighbours(rows: Vectors) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The nearest rows of each and their distances, (n, k), the row itself among them; exact."""
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(rows) - 1)
    distances, near = (
        NearestNeighbors(n_neighbors=count, algorithm="brute").fit(rows).kneighbors(rows)
    )
    return near.astype(np.int32), distances.astype(np.float32)


def _beginning(rows: Vectors, near: NDArray[np.int32], former: Places) -> Places:
    """Where the layout starts: at the former map if half is on it, what is new among its neighbours; else at
    the principal components, which keep the large picture (Kobak and Linderman 2021)."""
    known = ~np.isnan(former[:, 0])
    places = rows[:, :2].copy()
    if _is_known(former):
        places[known] = former[known]
        for row in np.flatnonzero(~known):
            around = near[row][known[near[row]]]
            places[row] = former[around if len(around) else known].mean(axis=0)
        places = _squared(places)
    noise = np.random.default_rng(SEED).normal(scale=1e-4, size=places.shape)
    return np.asarray(_UMAP_SIDE * (fitted(places) + noise), np.float32)


def _is_known(former: Places) -> bool:
    """Whether enough of it stood on the former map for the new one to begin there."""
    return bool((~np.isnan(former[:, 0])).mean() >= _KNOWN_SHARE)


def _umap(  # noqa: PLR0917
    rows: Vectors,
    near: NDArray[np.int32],
    distances: NDArray[np.float32],
    beginning: Places,
    pace: float,
    report: Report,
) -> Places:
    from umap import UMAP

    _keep_compiled()
    made = UMAP(
        n_neighbors=near.shape[1],
        min_dist=_MIN_DISTANCE,
        init=beginning,
        learning_rate=pace,
        precomputed_knn=(near, distances),
        random_state=SEED,
        n_jobs=1,
        tqdm_kwds={"disable": False, "file": _Epochs(report), "bar_format": "{percentage}"},
    )
    return np.asarray(made.fit_transform(rows), np.float32)


def _keep_compiled() -> None:
    """Have numba keep what it would compile for umap-learn in every process anew, for seconds."""
    from umap.umap_ import compute_membership_strengths, smooth_knn_dist

    compute_membership_strengths.enable_caching()
    smooth_knn_dist.enable_caching()


class _Epochs:
    """Where UMAP's progress bar goes: the only word it gives of how far it is."""

    def __init__(self, report: Report) -> None:
        self._tell = report

    def write(self, text: str) -> None:
        """A percentage, or what moves the cursor back."""
        if shown := text.strip():
            self._tell(float(shown) / 100)

    def flush(self) -> None:
        """Nothing waits."""
