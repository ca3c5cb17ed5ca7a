"""txtai as its quickstart uses it: embeddings with content, indexed in one call and saved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from txtai import Embeddings

from benchmarks.peers.driver import TOP, Vectors, serve


class Txtai:
    """An index for each name, of its default kind (Faiss), kept in a folder."""

    package = "txtai"

    def __init__(self, model: str, folder: Path) -> None:
        self._model = model
        self._folder = folder

    def begin(self, name: str) -> None:
        self._embeddings = Embeddings(path=self._model, content=True)
        self._embeddings.transform("warm")
        self._home = str(self._folder / name)

    def add(self, texts: Sequence[str]) -> None:
        self._embeddings.index(texts)
        self._embeddings.save(self._home)

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Vectors made elsewhere come by a function that is asked for them; questions go on to the model."""
        known = dict(zip(texts, vectors, strict=True))
        by_model = self._embeddings.batchtransform

        def transform(asked: Sequence[str]) -> Any:
            if all(text in known for text in asked):
                return [known[text] for text in asked]
            return by_model(list(asked))

        self._embeddings = Embeddings(method="external", transform=transform, content=True)
        self.add(texts)

    def settle(self) -> None:
        """Nothing: it was saved, and stays in memory."""

    def ask(self, question: str) -> list[str]:
        return [hit["text"] for hit in self._embeddings.search(question, TOP)]


if __name__ == "__main__":
    serve(Txtai)
