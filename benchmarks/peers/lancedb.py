"""LanceDB as its documents use it: a table whose schema embeds its texts by the registry of embedding functions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lancedb
from lancedb.embeddings import get_registry
from lancedb.pydantic import LanceModel, Vector

from benchmarks.peers.driver import TOP, Vectors, serve


class LanceDB:
    """A table for each name; search is exact, as it is until somebody makes an index."""

    package = "lancedb"

    def __init__(self, model: str, folder: Path) -> None:
        self._database = lancedb.connect(str(folder))
        self._schema = _schema(get_registry().get("sentence-transformers").create(name=model))

    def begin(self, name: str) -> None:
        self._table = self._database.create_table(name, schema=self._schema)
        # The model is loaded with the first texts; the row goes before anything is measured.
        self._table.add([{"text": "warm"}])
        self._table.delete("text = 'warm'")

    def add(self, texts: Sequence[str]) -> None:
        self._table.add([{"text": text} for text in texts])

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._table.add(
            [
                {"text": text, "vector": vector}
                for text, vector in zip(texts, vectors.tolist(), strict=True)
            ]
        )

    def settle(self) -> None:
        self._table.optimize()

    def ask(self, question: str) -> list[str]:
        hits = self._table.search(question).limit(TOP).to_list()
        return [hit["text"] for hit in hits]


def _schema(model: Any) -> type[Any]:
    class Line(LanceModel):  # type: ignore[misc]  # no types where the peers are not installed
        text: str = model.SourceField()
        vector: Vector(model.ndims()) = model.VectorField()  # type: ignore[valid-type]

    return Line


if __name__ == "__main__":
    serve(LanceDB)
