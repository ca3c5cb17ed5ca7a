"""Accepting a request: what is small goes in together, and each comes to what it would have come to alone."""

import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from ingest.accept import Receipt, Refusal, Upload, accept_documents, text_upload
from samespace.core.errors import OutOfSpace, Unavailable
from samespace.core.faults import arm
from samespace.core.settings import Settings
from samespace.store.blobs import original
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records import Collection, Records, open_records
from samespace.store.records.offers import Offer, SameName
from tests.store.sql_fixtures import MODEL, lay_tables, new_collection


@dataclass
class Doors:
    """What accepting works with, and two collections to compare."""

    records: Records
    blobs: DiskBlobs
    settings: Settings
    together: Collection
    alone: Collection

    def accept(
        self, uploads: Iterable[Upload | Refusal], collection: Collection | None = None
    ) -> list[Receipt | Refusal]:
        return accept_documents(
            uploads,
            collection=collection or self.together,
            job_id="job",
            records=self.records,
            blobs=self.blobs,
            settings=self.settings,
        )


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    lay_tables(tmp_path / "records.db")
    records = open_records(f"sqlite:///{tmp_path}/records.db")
    yield Doors(
        records,
        DiskBlobs(tmp_path / "blobs"),
        Settings(data=tmp_path, max_file_bytes=40 << 20),
        new_collection(records, "c1", "together", "starter", [MODEL]),
        new_collection(records, "c2", "alone", "starter", [MODEL]),
    )
    records.close()


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def upload(content: str, name: str = "a.txt", external_id: str | None = None) -> Upload:
    return Upload(name, io.BytesIO(content.encode()), external_id)


def mixed() -> list[Upload | Refusal]:
    """A request in which much depends on what came before."""
    replacing = Upload("a.txt", io.BytesIO(b"third"), on_same_name=SameName.REPLACE)
    return [
        upload("first"),
        upload("first", "b.txt"),
        upload("second"),
        upload("known", "k.txt", "/k"),
        upload("", "empty.txt"),
        upload("known, changed", "k.txt", "/k"),
        Refusal("gone", Unavailable("it never came in")),
        replacing,
        text_upload("inline", None, None, None),
        text_upload("inline", None, None, {"box": 1}),
        upload("known", "other.txt", "/other"),
        Upload("bad.txt", io.BytesIO(b"bad"), metadata={"a": float("nan")}),
        upload("\0\1\2\3\4\5\6\7" * 9, "data.bin"),
        upload("last", "last.txt"),
    ]


def plain(outcomes: Sequence[Receipt | Refusal]) -> list[object]:
    """Without what tells two collections apart: documents by the order in which they were made."""
    numbers: dict[str, int] = {}
    return [
        (one.name, type(one.error), str(one.error).replace("'alone'", "'together'"))
        if isinstance(one, Refusal)
        else (
            numbers.setdefault(one.document.id, len(numbers)),
            one.outcome,
            one.document.name,
            one.document.generation,
            dict(one.document.metadata),
            [numbers[id] for id in one.same_name],
        )
        for one in outcomes
    ]


@pytest.mark.parametrize(
    "limits",
    [
        {"max_documents": None, "max_bytes": None},
        {"max_documents": 3, "max_bytes": None},
        {"max_documents": None, "max_bytes": 30},
    ],
    ids=["no quota", "few documents", "few bytes"],
)
def test_a_request_comes_to_what_its_documents_come_to_alone(
    doors: Doors, limits: dict[str, int | None]
) -> None:
    for collection in (doors.together, doors.alone):
        doors.records.collections.limit(collection.id, limits)

    together = doors.accept(mixed())
    alone = [outcome for one in mixed() for outcome in doors.accept([one], doors.alone)]

    assert plain(together) == plain(alone)
    held = doors.records.collections.get("c1"), doors.records.collections.get("c2")
    assert held[0].held_documents == held[1].held_documents
    assert held[0].held_bytes == held[1].held_bytes


def test_every_original_is_there_and_nothing_else_is(doors: Doors) -> None:
    texts = [f"text {number}" for number in range(300)]  # more than a group
    receipts = doors.accept([upload(text, f"{n}.txt") for n, text in enumerate(texts)])
    found = [one.document for one in receipts if isinstance(one, Receipt)]

    assert [doc.name for doc in found] == [f"{n}.txt" for n in range(300)]
    stored = [doors.blobs.get(original(doc.content_hash)) for doc in found]
    assert stored == [text.encode() for text in texts]
    assert len(list(doors.blobs.keys("originals"))) == 300
    assert list(doors.blobs.leftovers(0)) == []


def test_where_one_breaks_all_the_others_go_in(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A statement that fails for one document fails for its group; then each has one of its own."""
    accept_all = doors.records.documents.accept_all

    def picky(offers: Sequence[Offer]) -> object:
        if any(offer.name == "odd.txt" for offer in offers):
            raise ValueError("a fault of ours")
        return accept_all(offers)

    monkeypatch.setattr(
        type(doors.records.documents), "accept_all", lambda _, offers: picky(offers)
    )
    with caplog.at_level(logging.CRITICAL):
        outcomes = doors.accept(
            [upload("1", "1.txt"), upload("2", "odd.txt"), upload("3", "3.txt")]
        )

    assert [isinstance(one, Receipt) for one in outcomes] == [True, False, True]
    assert "unexpected ValueError" in str(outcomes[1].error)  # type: ignore[union-attr]


def test_what_a_full_disk_cuts_off_is_not_tried_again(doors: Doors) -> None:
    arm("blobs.write=full@131")
    uploads = iter([upload(f"text {number}", f"{number}.txt") for number in range(400)])
    outcomes = doors.accept(uploads)

    assert [isinstance(one, Receipt) for one in outcomes] == [True] * 130 + [False] * 270
    errors = {type(one.error) for one in outcomes if isinstance(one, Refusal)}
    assert errors == {OutOfSpace}
    assert len(list(doors.blobs.keys("originals"))) == 130


def test_bytes_that_pass_are_taken_before_the_next_come(doors: Doors) -> None:
    """As those of a URL: its file is gone when the next one is asked for. One that does not answer stops none."""

    def passing() -> Iterator[Upload | Refusal]:
        yield Refusal("gone", Unavailable("https://gone.example does not answer"))
        for number in range(3):
            stream = io.BytesIO(f"page {number}".encode())
            yield Upload(f"{number}.html", stream, is_passing=True)
            stream.close()

    outcomes = doors.accept(passing())

    assert [type(one) for one in outcomes] == [Refusal, *[Receipt] * 3]
    assert len(list(doors.blobs.keys("originals"))) == 3


def test_large_files_are_not_held_up_by_each_other(doors: Doors) -> None:
    """A group ends with what makes it large, so that the first is on record before the next is looked at."""
    seen: list[int] = []

    def large() -> Iterator[Upload]:
        for number in range(3):
            seen.append(doors.records.collections.get("c1").held_documents)
            yield Upload(f"{number}.txt", io.BytesIO(f"{number} ".encode() * (10 << 20)))

    assert [type(one) for one in doors.accept(large())] == [Receipt] * 3
    assert seen == [0, 1, 2]


def test_what_was_let_go_of_in_between_is_stored_again(doors: Doors) -> None:
    """The last other holder of some bytes goes after they were found stored and before they are on record."""

    class Letting(DiskBlobs):
        first = True

        def put_all(self, blobs: Sequence[tuple[str, BinaryIO]]) -> list[Unavailable | None]:
            faults = super().put_all(blobs)
            if self.first:
                self.first = False
                self.delete(blobs[1][0])
            return faults

    doors.blobs = Letting(doors.settings.data / "blobs")
    outcomes = doors.accept([upload(f"{number}", f"{number}.txt") for number in range(3)])

    for number, one in enumerate(outcomes):
        assert isinstance(one, Receipt)
        assert doors.blobs.get(original(one.document.content_hash)) == str(number).encode()
