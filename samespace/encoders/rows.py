"""What every adapter returns: rows of unit length, checked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import BadVector
from samespace.core.types import Vectors


def unit_rows(values: NDArray[Any], dim: int) -> Vectors:
    """(n, dim) values of any float type to float32 rows of unit length.

    Raises BadVector if the shape is another, a value is not finite or a row is zero.
    """
    if not len(values):
        return np.empty((0, dim), np.float32)
    rows = np.asarray(values, dtype=np.float32)
    if rows.shape[1] != dim:
        raise BadVector(f"the model made vectors of {rows.shape[1]} values, its space has {dim}")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    wrong = np.flatnonzero(~(np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)))
    if len(wrong):
        raise BadVector(f"vector {wrong[0]} of {len(rows)} has length {lengths[wrong[0], 0]}")
    return np.ascontiguousarray(rows / lengths)
