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
from ingest.parsed import text_hash
from ingest.split import Splitter
from samespace.client import Client, Source
from samespace.core.types import Vectors
from samespace.encoders.starter import LENGTH, text_folder
from samespace.store.vectors import VectorCache

DOCUMENTS = 1000
PARTS = 100
"""Values of the key `part` in the metadata of documents, evenly spread: a filter by it takes so many percent."""
_BASES = 64
_EMBEDDED_AT_ONCE = 16
_NOISE = 0.4
_OVERLAP = 8


def fill(collection: str, rows: int, client: Client, data: Path) -> None:
    """Add about so many passages in at most 1,000 documents, and wait until they are ready."""
    bases = corpus.passages(_BASES)
    vectors = embedded(bases, client)
    texts = list(_documents(rows, bases))
    splitter = _splitter()
    for number, text in enumerate(texts):
        pieces = [passage.text for passage in splitter.split(text)]
        first = number * rows // len(texts)
        near = np.array([vectors[(first + place) % _BASES] for place in range(len(pieces))])
        know(pieces, noisy(near, seed=number), fingerprint_of(collection, client), data)
    add(collection, texts, client)


def add(collection: str, texts: Sequence[str], client: Client) -> None:
    """Add texts, each a document with its part, and wait until they are ready."""
    sources = [Source(text, metadata={"part": number % PARTS}) for number, text in enumerate(texts)]
    added = client.add(collection, sources)
    for job in client.wait(*added["job_ids"]):
        assert not job["failed"], job


def know(texts: Sequence[str], vectors: Vectors, fingerprint: str, data: Path) -> None:
    """Put the vectors of passages into the vector cache of a stack."""
    with closing(VectorCache(f"sqlite:///{data / 'vectors.db'}")) as cache:
        named = {text_hash(text): row for text, row in zip(texts, vectors, strict=True)}
        cache.put(fingerprint, named, "float32")


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


def _documents(rows: int, bases: Sequence[str]) -> Iterator[str]:
    count = min(rows, DOCUMENTS)
    for number in range(count):
        some = range(number * rows // count, (number + 1) * rows // count)
        yield "\n\n".join(corpus.varied(bases[row % _BASES], row) for row in some)


def _splitter() -> Splitter:
    """As ingest cuts for preset starter; were it otherwise, the worker would encode what it does not find."""
    tokenizer = (text_folder() / "tokenizer.json").read_text()
    return Splitter(tokenizer, LENGTH, LENGTH // _OVERLAP)
