"""A document on its way through ingest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.items import Piece
from ingest.open_document import said
from ingest.parsed import Fault
from ingest.spaces import CollectionSpace
from samespace.core.content import Content
from samespace.core.types import Item, Row
from samespace.store.records import Document
from samespace.store.records.claims import Done
from samespace.store.records.indexes import Held
from samespace.store.records.space_warnings import truncation_warning


@dataclass(slots=True, eq=False)
class Claim:
    """A claimed document, its pieces, how many of them stand in the index, whether anything was written there,
    and whether its claim has ended; what of it is decoded and has not been handed on, and why pages are missing."""

    document: Document
    pieces: list[Piece]
    warnings: tuple[str, ...]
    written: int = 0
    has_written: bool = False
    ended: bool = False
    cut_in: dict[str, list[str]] = field(default_factory=dict)
    decoded: dict[str, Content] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def key(self) -> str:
        """What its document is open under, in a child process."""
        return f"{self.document.id}/{self.document.generation}"

    def take(self, pieces: Sequence[Piece]) -> None:
        """Make these its pieces. What is decoded is kept apart, and let go as it is handed on."""
        self.decoded = {
            piece.item.key: piece.content for piece in pieces if piece.content.decoded is not None
        }
        self.pieces = [piece.light() for piece in pieces]

    @property
    def is_complete(self) -> bool:
        """Whether every piece stands in the index."""
        return self.written == len(self.pieces)

    def row(self, piece: Piece) -> Row:
        """A piece as a row of the index."""
        doc = self.document
        return Row(
            piece.item,
            doc.generation,
            doc.media_type,
            doc.metadata,
            name=doc.name,
            added=doc.created_at,
        )

    def done(self, spaces: Sequence[CollectionSpace]) -> Done:
        """What the records are to be told when it is complete in these spaces."""
        items = [piece.item for piece in self.pieces]
        # A document that is ingested again brings the warnings of the last time along.
        warnings = dict.fromkeys(
            [*self.warnings, *said(self.document.name, self.faults), *self._cut_warnings()]
        )
        held = {space.index.id: self._held(items, space) for space in spaces}
        return Done(self.document, items, held, tuple(warnings))

    def _held(self, items: Sequence[Item], space: CollectionSpace) -> Held:
        total = sum(item.modality in space.modalities for item in items)
        cut = {key for key, names in self.cut_in.items() if space.name in names}
        return Held(total, [item.position for item in items if item.key in cut] if cut else ())

    def _cut_warnings(self) -> list[str]:
        counts = Counter(space for spaces in self.cut_in.values() for space in spaces)
        return [
            truncation_warning(space, count, len(self.pieces))
            for space, count in sorted(counts.items())
        ]
