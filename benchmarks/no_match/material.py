"""What is asked of what: items with their vectors, questions with their answers, questions that have none."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samespace.core.types import Modality, Vectors


@dataclass(frozen=True)
class Question:
    """A question in words and the items, by their place, that answer it; none where nothing does."""

    text: str
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Material:
    """Items of one modality, `texts` what they say ("" for pictures), `vectors` (n, dim); questions by kind.

    Every item of `asked` is in every collection that is made of it.
    """

    name: str
    modality: Modality
    texts: Sequence[str]
    vectors: Vectors
    answered: Sequence[Question]
    unanswered: Mapping[str, Sequence[Question]]


def kept(folder: Path, name: str, of: Sequence[str], make: Callable[[], Vectors]) -> Vectors:
    """Vectors from the cache folder; made where they are not there yet, or were of something else."""
    digest = hashlib.sha256("\0".join(of).encode()).hexdigest()[:16]
    file = folder / f"{name}-{digest}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".part.npy")
        np.save(partial, make())
        partial.replace(file)
    vectors: Vectors = np.load(file)
    return vectors
