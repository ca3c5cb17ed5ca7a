"""From an opened document to its items: passages and pictures, each with its key and what is to be embedded."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL.Image import Image

from ingest.parsed import Parsed, page_hash, text_hash
from ingest.split import Splitter
from samespace.core.types import Item, Modality, Place
from samespace.store.records import Document

_CHECKED_CHARACTERS = 64 * 1024
"""Of short pages, after which it is asked whether to go on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An item and, if it is a picture, its pixels (RGB); those of later PDF pages are drawn when their turn comes."""

    item: Item
    picture: Image | None = None


def cut(
    document: Document,
    parsed: Parsed,
    splitter: Splitter,
    check: Callable[[], None] = lambda: None,
) -> list[Piece]:
    """The pieces of a document: its passages in reading order, then its pictures.

    `check` is called now and then while a long text is cut, and may raise.
    """
    markdown = document.media_type == "text/markdown"
    pieces: list[Piece] = []
    unchecked = 0
    for text in parsed.texts:
        if unchecked > _CHECKED_CHARACTERS:
            check()
            unchecked = 0
        unchecked += len(text.text)
        for passage in splitter.split(text.text, markdown=markdown, check=check):
            item = Item(
                key=item_key(document, len(pieces), content := text_hash(passage.text)),
                document_id=document.id,
                modality=Modality.TEXT,
                position=len(pieces),
                content_hash=content,
                text=passage.text,
                place=Place(text.page, passage.start, passage.end),
            )
            pieces.append(Piece(item))
    for picture in parsed.pictures:
        item = _picture_item(document, len(pieces), picture.content_hash, picture.page)
        pieces.append(Piece(item, picture.image))
    for page in parsed.more_pages:
        content = page_hash(document.content_hash, page)
        pieces.append(Piece(_picture_item(document, len(pieces), content, page)))
    return pieces


def _picture_item(document: Document, position: int, content: str, page: int | None) -> Item:
    return Item(
        key=item_key(document, position, content),
        document_id=document.id,
        modality=Modality.IMAGE,
        position=position,
        content_hash=content,
        place=Place(page),
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
