"""Slices: some pieces of some documents, which are encoded and written together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ingest.claim import Claim
from ingest.items import Piece, contents_of
from ingest.spaces import CollectionSpace
from ingest.vectors import too_long, vectors_of
from samespace.core.modalities import row_of
from samespace.core.types import Vectors
from samespace.services import Services
from samespace.store.records import IndexRecord

_FIRST = 64
"""Items of the first slice of a claim at most, so that something of an upload can be found soon."""

Slice = list[tuple[Claim, Piece]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A slice as it was asked for, and the same with everything read, without what cannot be."""

    asked: Slice
    pieces: Slice

    def only(self, claim: Claim) -> "Filled":
        """What of it belongs to one claim."""
        asked = [one for one in self.asked if one[0] is claim]
        return Filled(asked, [one for one in self.pieces if one[0] is claim])


@dataclass(frozen=True, slots=True)
class SpaceRows:
    """What of a slice goes into one index: its pieces, their vectors in the same order, (n, 0) where it holds none, and
    the keys of the items of which it knows only the beginning, each with its claim."""

    index: IndexRecord
    pieces: Slice
    vectors: Vectors
    cut: list[tuple[Claim, str]]

    def left(self) -> "SpaceRows":
        """The same without the claims that have ended meanwhile."""
        kept = [not claim.ended for claim, _ in self.pieces]
        if all(kept):
            return self
        pieces = [each for each, keep in zip(self.pieces, kept, strict=True) if keep]
        return replace(self, pieces=pieces, vectors=self.vectors[np.array(kept)])


@dataclass(frozen=True, slots=True)
class Encoded:
    """A slice, and its rows of each space; or the error that encoding it came to."""

    filled: Filled
    rows: Sequence[SpaceRows]
    error: Exception | None = None


def slices(claims: Iterable[Claim], size: int) -> Iterator[Slice]:
    """The pieces of these claims in order, up to `size` at a time, fewer of what takes longer."""
    some: Slice = []
    most, effort = min(size, _FIRST), 0.0
    for claim in claims:
        for piece in claim.pieces:
            some.append((claim, piece))
            effort += _effort(piece)
            if len(some) == most or effort >= 1:
                yield some
                some, most, effort = [], size, 0.0
        if some and some[-1][1].waits is not None:  # read before another document is opened
            yield some
            some, most, effort = [], size, 0.0
    if some:
        yield some


def _effort(piece: Piece) -> float:
    """The share of a slice that an item is."""
    return row_of(piece.item.modality).share_of(piece.item.text)


def encode(some: Filled, spaces: Sequence[CollectionSpace], services: Services) -> Encoded:
    """The slice with its vectors, which are in the cache by then; errors are kept for whoever writes it."""
    try:
        pieces = [one for one in some.pieces if not one[0].ended]
        _note(pieces, services)
        rows = [_rows(space, pieces, services) for space in spaces]
        return Encoded(some, [each for each in rows if each.pieces])
    except Exception as error:
        return Encoded(some, [], error)


def _note(some: Slice, services: Services) -> None:
    """Before anything of it is cached: whatever becomes of these documents, their vectors are not forgotten."""
    pieces: dict[str, list[Piece]] = {}
    for claim, piece in some:
        pieces.setdefault(claim.document.id, []).append(piece)
    services.records.garbage.note({id: contents_of(each) for id, each in pieces.items()})


def _rows(space: CollectionSpace, some: Slice, services: Services) -> SpaceRows:
    taken = [(claim, piece) for claim, piece in some if piece.item.modality in space.modalities]
    pieces = [piece for _, piece in taken]
    if space.encoder is None:
        return SpaceRows(space.index, taken, np.empty((len(pieces), 0), np.float32), [])
    vectors = vectors_of(pieces, space.encoder, services.vectors)
    long = too_long(pieces, space.encoder)
    cut = [(claim, piece.item.key) for claim, piece in taken if piece.item.key in long]
    return SpaceRows(space.index, taken, vectors, cut)
