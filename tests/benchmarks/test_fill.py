"""Collections that are filled with vectors made beforehand: ingest cuts the texts exactly as they were joined."""

import numpy as np

from benchmarks import corpus
from benchmarks.scenarios.fill import _BASES, _WORDS, DOCUMENTS, _documents, noisy
from ingest.split import Splitter
from samespace.encoders.starter import LENGTH, text_folder


def test_ingest_cuts_the_documents_into_the_passages_whose_vectors_are_known() -> None:
    splitter = Splitter((text_folder() / "tokenizer.json").read_text(), LENGTH, LENGTH // 8)
    bases = corpus.documents(_BASES, each=1, words_each=_WORDS)
    documents = list(_documents(30_000, bases))
    assert (len(documents), {len(passages) for passages in documents}) == (DOCUMENTS, {30})
    assert len({text for passages in documents for text in passages}) == 30_000
    for passages in documents[::250]:
        cut = splitter.split("\n\n".join(passages))
        assert [passage.text for passage in cut] == passages


def test_few_rows_are_a_document_each() -> None:
    assert [len(passages) for passages in _documents(3, corpus.lines(_BASES))] == [1, 1, 1]


def test_noise_keeps_vectors_near_and_of_unit_length() -> None:
    vectors = np.eye(384, dtype=np.float32)[:50]
    moved = noisy(vectors, seed=0)
    assert moved.dtype == np.float32
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    cosines = (moved * vectors).sum(axis=1)
    assert 0.85 < cosines.min() < cosines.max() < 0.98
    assert np.array_equal(moved, noisy(vectors, seed=0))
