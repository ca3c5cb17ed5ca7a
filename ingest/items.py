"""From an opened document to its items: passages and pictures, each with its key and what is to be embedded."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingest.parsed import Parsed
from ingest.split import Splitter
from samespace.core.content import Content, text_hash
from samespace.core.types import TEXT, Item, Place
from samespace.store.records import Document

_CHECKED_CHARACTERS = 64 * 1024
"""Of short pages, after which it is asked whether to go on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An item and what is to be embedded for it; what `waits` is read from the document, at that place among its
    contents, when its turn comes."""

    item: Item
    content: Content
    waits: int | None = None

    def light(self) -> "Piece":
        """The same without what is decoded."""
        if self.content.decoded is None:
            return self
        return replace(self, content=self.content.with_decoded(None))


def chunk(
    document: Document,
    parsed: Parsed,
    splitter: Splitter,
    check: Callable[[], None] = lambda: None,
) -> list[Piece]:
    """The pieces of a document in its order: its texts as passages, everything else as it is.

    `check` is called now and then while a long text is cut, and may raise.
    """
    markdown = document.media_type == "text/markdown"
    waiting = iter(parsed.waiting)
    pieces: list[Piece] = []
    unchecked = 0
    for whole in parsed.contents:
        if whole.modality != TEXT:
            at = None if whole.is_there else next(waiting)
            pieces.append(Piece(_item(document, len(pieces), whole), whole, at))
            continue
        if unchecked > _CHECKED_CHARACTERS:
            check()
            unchecked = 0
        unchecked += len(whole.text)
        for passage in splitter.split(whole.text, markdown=markdown, check=check):
            content = Content(
                TEXT,
                text_hash(passage.text),
                passage.text,
                place=Place(whole.page, passage.start, passage.end),
            )
            pieces.append(Piece(_item(document, len(pieces), content), content))
    return pieces


def _item(document: Document, position: int, content: Content) -> Item:
    return Item(
        key=item_key(document, position, content.content_hash),
        document_id=document.id,
        modality=content.modality,
        position=position,
        content_hash=content.content_hash,
        text=content.text,
        place=content.place,
    )


def contents_of(pieces: Sequence[Piece]) -> list[str]:
    """What the vectors of these pieces are cached under."""
    return [piece.item.content_hash for piece in pieces]


def item_key(document: Document, position: int, content_hash: str) -> str:
    """The same item of the same version has the same key, whoever makes it and however often.

    The generation is part of it: the rows of a new version stand beside the old ones until the record
    row switches from one to the other.
    """
    parts: Sequence[object] = (
        document.collection_id,
        document.id,
        document.generation,
        position,
        content_hash,
    )
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]
