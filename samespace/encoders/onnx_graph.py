"""One ONNX graph: what it takes, what of its outputs is taken, and one vector of those of many tokens."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import Misconfigured
from samespace.core.types import Modality
from samespace.encoders.onnx_folder import Pooling

Array = NDArray[Any]

_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(string)": np.object_,
}
_USUAL_OUTPUTS = ("{}_embeds", "sentence_embedding", "embeddings")


class Graph:
    """A graph for one modality; any number of threads may run it."""

    def __init__(self, file: Path, session: Any, modality: Modality, output: str | None) -> None:
        self._file = file
        self._session = session
        self.inputs: list[Any] = self._session.get_inputs()
        self._output = self._chosen(modality, output)

    @cached_property
    def takes_strings(self) -> bool:
        """Whether texts go in as they are: its first input is of strings."""
        return bool(self.inputs[0].type == "tensor(string)")

    @property
    def at_once(self) -> int | None:
        """How many it takes at a time, where it was exported so; None: any number."""
        first = self.inputs[0].shape[0] if self.inputs[0].shape else None
        return first if isinstance(first, int) else None

    @property
    def length(self) -> int | None:
        """How many tokens each text has to have, where it was exported so; None: any number."""
        shapes = [each.shape for each in self.inputs if len(each.shape) == 2]
        return next((shape[1] for shape in shapes if isinstance(shape[1], int)), None)

    def run(self, given: Mapping[str, Array], sizes: Mapping[str, Sequence[int]]) -> Array:
        """Its output, float32; an input that is not given, of the other half of a model, is zeros of the size given.

        Misconfigured for an input that nothing is known of.
        """
        feed = {}
        for each in self.inputs:
            value = given.get(each.name)
            if value is None and each.name in sizes:
                value = np.zeros(sizes[each.name])
            if value is None:
                raise Misconfigured(
                    f"{self._file} wants an input {each.name!r}, which is not known"
                )
            feed[each.name] = value.astype(_TYPES.get(each.type, np.float32))
        (made,) = self._session.run([self._output], feed)
        return np.asarray(made, np.float32)

    def _chosen(self, modality: Modality, wanted: str | None) -> str:
        names = [each.name for each in self._session.get_outputs()]
        if wanted is not None and wanted not in names:
            raise Misconfigured(f"{self._file} has no output {wanted!r}; it has {', '.join(names)}")
        usual = (name.format(modality) for name in _USUAL_OUTPUTS)
        return wanted or next((name for name in usual if name in names), names[0])


def pooled(made: Array, mask: Array | None, pooling: Pooling) -> Array:
    """(n, dim) of what a graph made: itself, of (n, tokens, dim) as `pooling` says, of maps (n, dim, h, w) the mean.

    `mask` (n, tokens) says which tokens are no padding. Misconfigured for another shape.
    """
    if made.ndim == 4:
        return np.asarray(made.mean(axis=(2, 3)))
    if made.ndim == 2:
        return made
    if made.ndim != 3 or pooling == "none":
        raise Misconfigured(
            f"the model made values of shape {made.shape}, (items, values) is wanted"
        )
    weights = np.ones(made.shape[:2], np.float32) if mask is None else mask.astype(np.float32)
    if pooling == "mean":
        return np.asarray(
            (made * weights[..., None]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
        )
    positions = np.arange(made.shape[1]) * (weights > 0)
    at = (weights > 0).argmax(axis=1) if pooling == "cls" else positions.argmax(axis=1)
    return np.asarray(made[np.arange(len(made)), at])
