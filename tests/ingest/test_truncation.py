"""A passage that a space cannot take whole is embedded by its beginning, and that is written down."""

from dataclasses import replace

import pytest

from ingest.claim import Claim
from ingest.items import Piece, chunk
from ingest.parsed import Parsed
from ingest.spaces import CollectionSpace
from ingest.split import Splitter
from ingest.vectors import too_long
from samespace.core.content import Content
from samespace.core.types import IMAGE, TEXT, Item, State
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.load import Encoders
from samespace.encoders.spaces import spaces_of
from samespace.store.records import Document, IndexRecord, Role
from samespace.store.records.indexes import Held
from samespace.store.records.models import model_of


@pytest.fixture
def encoder(encoders: Encoders) -> BatchedEncoder:
    (space,) = spaces_of("starter")
    return encoders.get(space)


def piece(key: str, text: str, position: int = 0) -> Piece:
    item = Item(key, "doc", TEXT, position, key, text)
    return Piece(item, Content(TEXT, key, text))


def test_only_passages_past_the_limit_are_called_too_long(encoder: BatchedEncoder) -> None:
    fits = piece("fits", "word " * (encoder.space.max_tokens - 2))  # and two special tokens
    over = piece("over", "word " * (encoder.space.max_tokens - 1))
    assert too_long([fits, over], encoder) == {"over"}


def test_the_cut_is_told_of_item_and_document(encoder: BatchedEncoder) -> None:
    pieces = [piece("a", "x"), piece("b", "y", 1)]
    claim = Claim(document(), pieces, ("named .txt",))
    claim.cut_in = {"b": ["clip"]}
    modalities = {"text": [TEXT], "clip": [TEXT, IMAGE], "pictures": [IMAGE]}
    spaces = [
        CollectionSpace(index(f"i{n}", name), taken, encoder)
        for n, (name, taken) in enumerate(modalities.items(), 1)
    ]
    done = claim.done(spaces)
    assert done.held == {"i1": Held(2), "i2": Held(2, [1]), "i3": Held(0)}
    assert done.warnings == (
        "named .txt",
        "space 'clip' knows only the beginnings of 1 of 2 items: they are longer than it takes",
    )


def index(id: str, name: str) -> IndexRecord:
    space = replace(spaces_of("starter")[0], name=name)
    return IndexRecord(
        id, "c", "dense", model_of(space, "f" * 64), Role.LIVE, f"c_{name}", 0, 1, 0, 0
    )


def document() -> Document:
    return Document(
        id="doc",
        collection_id="c",
        external_id=None,
        name="a.txt",
        media_type="text/plain",
        size=1,
        content_hash="0" * 64,
        metadata={},
        state=State.PROCESSING,
        reason=None,
        warnings=(),
        generation=1,
        live_generation=None,
        live_hash=None,
        has_leftovers=False,
        swept_generation=1,
        attempt=1,
        owner="me",
        lease_until=None,
        job_id=None,
        items_total=None,
        items_done=0,
        created_at=0,
        submitted_at=0,
        not_before=None,
        started_at=None,
        finished_at=None,
    )


class Enough(Exception):
    """As a cancelled document raises it."""


def test_a_document_of_many_short_pages_can_be_stopped_too(encoder: BatchedEncoder) -> None:
    splitter = Splitter(encoder.tokenizer_json(), encoder.space.max_tokens, 0)
    pages = Parsed(tuple(Content.of_text("words and more. " * 100, page) for page in range(1, 101)))
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Enough

    with pytest.raises(Enough):
        chunk(document(), pages, splitter, check)
