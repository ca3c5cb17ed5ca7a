"""From pieces to vectors in one space: out of the cache where they are known, else encoded and kept."""

from collections.abc import Mapping, Sequence

import numpy as np

from ingest.items import Piece
from samespace.core.faults import fault_point
from samespace.core.types import Modality, Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
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
    fresh = _encode(missing, encoder)
    cache.put(encoder.fingerprint, fresh, encoder.precision)
    fault_point("vectors.kept")
    known |= fresh
    return np.stack([known[content_hash] for content_hash in hashes])


def too_long(pieces: Sequence[Piece], encoder: BatchedEncoder) -> set[str]:
    """Keys of the passages that are longer than the space takes, so that it knows only their beginnings."""
    limit = encoder.space.max_tokens
    passages = [
        (piece.item.key, as_passage(piece.item.text, encoder.space))
        for piece in pieces
        if piece.item.modality is Modality.TEXT
    ]
    # No tokenizer makes more tokens of ASCII than there are characters, but for those it puts around it.
    doubtful = [
        (key, text) for key, text in passages if len(text) > limit - _AROUND or not text.isascii()
    ]
    lengths = encoder.count_tokens([text for _, text in doubtful]) if doubtful else []
    return {key for (key, _), length in zip(doubtful, lengths, strict=True) if length > limit}


def as_passage(text: str, space: Space) -> str:
    """The text as the encoder of this space wants to see passages."""
    return f"{space.passage_prompt}{text}"


def _encode(missing: Mapping[str, Piece], encoder: BatchedEncoder) -> dict[str, Vector]:
    texts = {key: piece for key, piece in missing.items() if piece.picture is None}
    pictures = {key: piece.picture for key, piece in missing.items() if piece.picture is not None}
    fresh: dict[str, Vector] = {}
    if texts:
        passages = [as_passage(piece.item.text, encoder.space) for piece in texts.values()]
        fresh |= dict(zip(texts, encoder.encode_texts(passages), strict=True))
    if pictures:
        fresh |= dict(zip(pictures, encoder.encode_images(list(pictures.values())), strict=True))
    return fresh
