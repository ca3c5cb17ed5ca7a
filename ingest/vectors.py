"""From pieces to vectors in one space: out of the cache where they are known, else encoded and kept."""

from collections.abc import Sequence

import numpy as np

from ingest.items import Piece
from samespace.core.faults import fault_point
from samespace.core.modalities import row_of
from samespace.core.types import Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.contents import as_passage
from samespace.store.rows import check_vectors
from samespace.store.vectors import Vector, VectorCache

_AROUND = 16


def vectors_of(pieces: Sequence[Piece], encoder: BatchedEncoder, cache: VectorCache) -> Vectors:
    """One row for each piece, in order, shape (len(pieces), dim); equal contents are encoded once."""
    if not pieces:
        return np.empty((0, encoder.space.dim), np.float32)
    hashes = [piece.item.content_hash for piece in pieces]
    known = cache.get(encoder.fingerprint, hashes)
    missing = {
        piece.item.content_hash: piece for piece in pieces if piece.item.content_hash not in known
    }
    rows = encoder.encode([as_passage(piece.content, encoder.space) for piece in missing.values()])
    # Before anything is kept.
    sound = check_vectors(list(missing.values()), rows, encoder.space.dim)
    fresh: dict[str, Vector] = dict(zip(missing, sound, strict=True))
    cache.put(encoder.fingerprint, fresh, encoder.precision)
    fault_point("vectors.kept")
    known |= fresh
    return np.stack([known[content_hash] for content_hash in hashes])


def too_long(pieces: Sequence[Piece], encoder: BatchedEncoder) -> set[str]:
    """Keys of the passages that are longer than the space takes, so that it knows only their beginnings."""
    limit = encoder.space.max_tokens
    passages = [
        (piece.item.key, as_passage(piece.content, encoder.space).text)
        for piece in pieces
        if not row_of(piece.item.modality).is_decoded
    ]
    # No tokenizer makes more tokens of ASCII than there are characters, but for those it puts around it.
    doubtful = [
        (key, text) for key, text in passages if len(text) > limit - _AROUND or not text.isascii()
    ]
    lengths = encoder.count_tokens([text for _, text in doubtful]) if doubtful else []
    return {key for (key, _), length in zip(doubtful, lengths, strict=True) if length > limit}
