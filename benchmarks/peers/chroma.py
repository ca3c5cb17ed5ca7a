"""Chroma as its quickstart uses it: a persistent client, its own sentence-transformers embedding function."""

from collections.abc import Sequence
from pathlib import Path

import chromadb
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from benchmarks.peers.driver import TOP, Vectors, serve


class Chroma:
    """A collection for each name; search is its HNSW index with its defaults, under cosine as the model wants."""

    package = "chromadb"

    def __init__(self, model: str, folder: Path) -> None:
        quiet = chromadb.Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(path=str(folder), settings=quiet)
        self._embed = SentenceTransformerEmbeddingFunction(model_name=model)

    def begin(self, name: str) -> None:
        self._embed(["warm"])
        self._collection = self._client.create_collection(
            name,
            embedding_function=self._embed,
            configuration={"hnsw": {"space": "cosine"}},
        )

    def add(self, texts: Sequence[str]) -> None:
        for start, some in self._batches(texts):
            self._collection.add(ids=_ids(start, some), documents=list(some))

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        for start, some in self._batches(texts):
            rows = vectors[start : start + len(some)]
            self._collection.add(ids=_ids(start, some), documents=list(some), embeddings=rows)

    def settle(self) -> None:
        """Nothing: its index is kept up to date by itself."""

    def ask(self, question: str) -> list[str]:
        answer = self._collection.query(query_texts=[question], n_results=TOP)
        return list(answer["documents"][0])

    def _batches(self, texts: Sequence[str]) -> list[tuple[int, Sequence[str]]]:
        """As many at a time as it takes at most."""
        most = self._client.get_max_batch_size()
        return [(start, texts[start : start + most]) for start in range(0, len(texts), most)]


def _ids(start: int, some: Sequence[str]) -> list[str]:
    return [str(start + place) for place in range(len(some))]


if __name__ == "__main__":
    serve(Chroma)
