"""Many rows in little time: documents by the ordinary way in, whose vectors the vector cache knows beforehand.

The cache is what the product asks before it encodes, so that everything but the encoder does its ordinary work. The
texts are a few passages with every tenth word replaced, their vectors those of the passages with some noise: alike in
groups, as the texts of a collection are.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks import corpus
from samespace.client import Client, Source
from samespace.core.content import text_hash
from samespace.core.types import Vectors
from samespace.store.vectors import VectorCache

DOCUMENTS = 1000
PARTS = 100
"""Values of the key `part` in the metadata of documents, evenly spread: a filter by it takes so many percent."""
_BASES = 64
_WORDS = 115
"""Of a passage: so many that two of them are too long for one, and none has to be parted."""
_EMBEDDED_AT_ONCE = 16
_NOISE = 0.4


def fill(collection: str, rows: int, client: Client, data: Path) -> None:
    """Add so many passages in at most 1,000 documents, and wait until they are ready."""
    bases = corpus.documents(_BASES, each=1, words_each=_WORDS)
    vectors = embedded(bases, client)
    fingerprint = fingerprint_of(collection, client)
    documents = list(_documents(rows, bases))
    for number, passages in enumerate(documents):
        first = number * rows // len(documents)
        near = vectors[(first + np.arange(len(passages))) % _BASES]
        know(passages, noisy(near, seed=number), fingerprint, data)
    before = known(fingerprint, data)
    add(collection, ["\n\n".join(passages) for passages in documents], client)
    assert known(fingerprint, data) == before, "the worker encoded what the cache should have known"


def add(collection: str, texts: Sequence[str], client: Client) -> None:
    """Add texts, each a document with its part, and wait until they are ready."""
    sources = [Source(text, metadata={"part": number % PARTS}) for number, text in enumerate(texts)]
    added = client.add(collection, sources)
    for job in client.wait(*added["job_ids"]):
        assert not job["failed"], job


def known(fingerprint: str, data: Path) -> int:
    """How many vectors the cache of a stack holds."""
    with closing(VectorCache(_cache_url(data))) as cache:
        return cache.count(fingerprint)


def know(texts: Sequence[str], vectors: Vectors, fingerprint: str, data: Path) -> None:
    """Put the vectors of passages into the vector cache of a stack."""
    with closing(VectorCache(_cache_url(data))) as cache:
        named = {text_hash(text): row for text, row in zip(texts, vectors, strict=True)}
        cache.put(fingerprint, named, "float32")


def _cache_url(data: Path) -> str:
    return f"sqlite:///{data / 'vectors.db'}"


def fingerprint_of(collection: str, client: Client) -> str:
    """Of the encoder of the collection's only space."""
    (space,) = client.collection(collection)["spaces"]
    return space["fingerprint"]


def embedded(texts: Sequence[str], client: Client) -> Vectors:
    """The vectors of texts, by the stack."""
    rows = [
        row
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE)
        for row in client.embed(texts[start : start + _EMBEDDED_AT_ONCE])
    ]
    return np.array(rows, np.float32)


def noisy(vectors: Vectors, seed: int) -> Vectors:
    """Unit rows near the given ones: noise of 0.4 of their length is added, so that the cosine is about 0.93."""
    noise = np.random.default_rng(seed).normal(size=vectors.shape)
    moved = vectors + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def _documents(rows: int, bases: Sequence[str]) -> Iterator[list[str]]:
    """The passages of each document, which ingest parts as they are parted here."""
    count = min(rows, DOCUMENTS)
    for number in range(count):
        some = range(number * rows // count, (number + 1) * rows // count)
        yield [corpus.varied(bases[row % _BASES], row) for row in some]
