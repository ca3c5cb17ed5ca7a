"""Bare sentence-transformers, its defaults: what every peer builds upon. It keeps nothing and answers from an array."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.peers.driver import TOP, Vectors, serve


class Bare:
    """An array of vectors, asked by one multiplication."""

    package = "sentence-transformers"

    def __init__(self, model: str, folder: Path) -> None:  # noqa: ARG002  # it keeps nothing
        self._model = SentenceTransformer(model)

    def begin(self, name: str) -> None:  # noqa: ARG002
        self._model.encode(["warm"])
        self._texts: list[str] = []

    def add(self, texts: Sequence[str]) -> None:
        self.add_vectors(texts, self._model.encode(list(texts)))

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._texts, self._vectors = list(texts), vectors

    def settle(self) -> None:
        """Nothing."""

    def ask(self, question: str) -> list[str]:
        scores = self._vectors @ self._model.encode([question])[0]
        return [self._texts[place] for place in np.argsort(-scores)[:TOP]]


if __name__ == "__main__":
    serve(Bare)
