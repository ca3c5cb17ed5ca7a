"""Slices: how large, in which order of effects, and that three of them are at work at a time."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from ingest.claim import Claim
from ingest.items import Piece
from ingest.slices import slices
from samespace.core.content import Content
from samespace.core.types import IMAGE, TEXT, Item, Modality, Row, Vectors
from samespace.store.vectors import Vector
from tests.fuzz.light import LightEncoders
from tests.ingest.house import House

LONG = "\n\n".join(f"Chapter {n}. " + "The tide comes and goes. " * 40 for n in range(30))


@pytest.fixture(scope="module")
def encoders() -> Iterator[LightEncoders]:
    """Nobody asks here what anything means."""
    encoders = LightEncoders()
    yield encoders
    encoders.close()


def turn_of(house: House, modality: Modality, *texts: str) -> Claim:
    doc = house.accept(f"{modality} {len(texts)} {texts[:1]}")
    pieces = [
        Piece(
            Item(f"{doc.id}-{n}", doc.id, modality, n, f"{n:064}", text=text),
            Content(modality, f"{n:064}", text),
        )
        for n, text in enumerate(texts)
    ]
    return Claim(doc, pieces, ())


def sizes(size: int, *claims: Claim) -> list[int]:
    return [len(each) for each in slices(claims, size)]


def test_the_first_slice_of_a_claim_is_small_and_what_takes_longer_comes_in_fewer(
    house: House,
) -> None:
    short = [turn_of(house, TEXT, "a line", f"{n}") for n in range(200)]
    assert sizes(256, *short) == [64, 256, 80]
    assert sizes(8, *short[:9]) == [8, 8, 2]
    passages = turn_of(house, TEXT, *["x" * 1000] * 120)
    assert sizes(256, passages) == [50, 50, 20]
    pictures = turn_of(house, IMAGE, *[""] * 35)
    assert sizes(256, pictures) == [16, 16, 3]
    assert sizes(256) == []


def test_a_slice_is_encoded_while_the_one_before_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsert, put = house.services.index.upsert, house.services.vectors.put
    events: list[str] = []
    changed = threading.Condition()

    def keep(fingerprint: str, vectors: dict[str, Vector], precision: str) -> None:
        put(fingerprint, vectors, precision)
        with changed:
            events.append("keep")
            changed.notify_all()

    def write(name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        with changed:
            if "write" not in events:  # the first is not let through before the second is encoded
                assert changed.wait_for(lambda: events.count("keep") == 2, 30)
            assert events.count("write") < events.count("keep") <= events.count("write") + 2
            events.append("write")
        upsert(name, rows, vectors)

    monkeypatch.setattr(house.services.index, "upsert", write)
    monkeypatch.setattr(house.services.vectors, "put", keep)
    (doc,) = house.ingest(house.accept(LONG))
    assert events.count("write") == events.count("keep") == -(-(doc.items_total or 0) // 8) > 3
