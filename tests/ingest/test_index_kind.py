"""What docs/extending.md says of an index kind, done: an invented one, added by its own file and one line, takes
documents from their upload to a hit, through their replacing and deleting, and is verified and made again."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from ingest.collections import create_collection
from ingest.delete import delete_collection, delete_documents
from ingest.sandbox import Sandbox
from samespace.core.errors import Unavailable
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.operations.verify import Report, verify
from samespace.operations.verify.report import Kind
from samespace.store.index_kinds import KINDS, IndexKind
from samespace.store.records import IndexRecord, Role
from search.answer import Answer
from search.background import Backgrounds
from search.cursor import Cursors, MemorySnapshots
from search.parts import Query, TextPart
from search.query import search
from search.searcher import Searcher
from search.spaces import SpaceEncoders
from tests.ingest.house import House, open_house
from tests.services import ROOT

# No words of its own: as vectors it is far from any question, so that a hit for it is the index's.
CODE = "qx77vk"


def shown_in_the_docs() -> ModuleType:
    """The file that docs/extending.md shows, run as it stands there."""
    page = (ROOT / "docs" / "extending.md").read_text()
    section = page.partition("## An index kind\n")[2].partition("\n## ")[0]
    [code] = re.findall(r"```python\n(# samespace/store/.*?)```", section, re.DOTALL)
    module = ModuleType("samespace.store.index_words")
    exec(code, module.__dict__)  # noqa: S102
    return module


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The kind, registered."""
    module = shown_in_the_docs()
    monkeypatch.setitem(KINDS, "words", cast("type[IndexKind]", module.WordKind))
    return module


@pytest.fixture
def house(
    kind: ModuleType, tmp_path: Path, encoders: Encoders, sandbox: Sandbox
) -> Iterator[House]:
    with open_house(tmp_path, encoders, sandbox) as house:
        yield house


def words_of(house: House) -> IndexRecord:
    (index,) = (one for one in house.collection.indexes if one.kind == "words")
    return index


def ask(house: House, text: str) -> Answer:
    services = house.services
    return search(
        Query((TextPart(text),)),
        services.records.collections.get(house.collection.id),
        Searcher(
            services.records,
            services.index,
            cast("SpaceEncoders", services.encoders),
            Backgrounds(100),
            Cursors(MemorySnapshots(), 60),
            services.settings,
        ),
    )


def kept(kind: ModuleType, house: House) -> set[str]:
    """The documents it has rows of."""
    rows: dict[str, Any] = kind._kept[words_of(house).index_name]
    return {row.item.document_id for row in rows.values()}


def check(house: House, *, repair: bool = False) -> Report:
    return verify(house.services, repair=repair)


def found(report: Report) -> dict[Kind, int]:
    return {one.kind: one.found for one in report.differences}


def test_a_document_goes_from_its_upload_to_a_hit(house: House, kind: ModuleType) -> None:
    assert [index.kind for index in house.collection.live] == ["dense", "words"]
    assert [index.kind for index in house.collection.spaces] == ["dense"]
    others = [house.accept(f"A heron by the river on day {day}.") for day in range(5)]
    wanted = house.accept(f"The part {CODE} belongs to the pump.")
    house.ingest(*others, wanted)

    answer = ask(house, CODE)

    assert answer.hits[0].document_id == wanted.id
    best = answer.hits[0].parts[0]
    assert (best.space, best.cosine, best.rank) == ("words", 1.0, 1)
    assert not answer.missing
    assert kept(kind, house) == {wanted.id, *(one.id for one in others)}
    # To a question that shares no word with any document it answers nothing.
    assert [one.space for one in ask(house, "birds").hits[0].parts] == ["starter"]


def test_what_is_replaced_or_deleted_goes_from_it(house: House, kind: ModuleType) -> None:
    (first,) = house.ingest(house.accept(f"Part {CODE}.", external_id="a"))
    house.ingest(house.accept("Another part.", external_id="b"))
    house.ingest(house.accept("It has no code any more.", external_id="a"))
    rows = kind._kept[words_of(house).index_name].values()
    assert {(row.item.document_id, row.generation) for row in rows} >= {(first.id, 2)}
    assert all(row.generation == 2 for row in rows if row.item.document_id == first.id)

    house.services.records.documents.mark_deleted(house.collection.id, [first.id])
    delete_documents([first.id], house.services)
    assert first.id not in kept(kind, house)

    house.services.records.collections.mark_deleted(house.collection.id)
    delete_collection(house.services.records.collections.get(house.collection.id), house.services)
    assert words_of(house).index_name not in kind._kept


def test_without_it_the_others_answer_and_say_so(
    house: House, kind: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.ingest(house.accept("A heron by the river."))

    def silent(*_: object) -> None:
        raise Unavailable("its file is locked")

    monkeypatch.setattr(kind.WordKind, "ask", silent)
    answer = ask(house, "heron")
    assert len(answer.hits) == 1
    assert [(gap.space, gap.reason) for gap in answer.missing] == [("words", "its file is locked")]


def test_only_a_live_one_is_asked(house: House) -> None:
    house.ingest(house.accept("A heron by the river."))
    assert {one.space for one in ask(house, "heron").hits[0].parts} == {"starter", "words"}

    house.services.records.indexes.give_roles({words_of(house).id: Role.RETIRED})
    assert {one.space for one in ask(house, "heron").hits[0].parts} == {"starter"}

    house.services.records.indexes.give_roles({words_of(house).id: Role.LIVE})
    assert {one.space for one in ask(house, "heron").hits[0].parts} == {"starter", "words"}


def test_it_is_verified_and_filled_again(house: House, kind: ModuleType) -> None:
    (lost,) = house.ingest(house.accept("A heron by the river."))
    house.ingest(house.accept("A boat in a storm."))
    assert check(house).is_clean

    del kind._kept[words_of(house).index_name]
    assert found(check(house)) == {Kind.INDEX: 1, Kind.MISSING: 2}
    assert found(check(house, repair=True)) == {Kind.INDEX: 1, Kind.MISSING: 2}
    assert house.now(lost).state is State.QUEUED
    waiting = house.services.records.documents.page(house.collection.id, state=State.QUEUED)
    house.ingest(*waiting)
    assert check(house).is_clean
    assert len(kept(kind, house)) == 2


def test_a_kind_that_is_gone_is_named_and_the_others_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.ingest(house.accept("A heron by the river."))
    monkeypatch.delitem(KINDS, "words")
    answer = ask(house, "heron")
    assert len(answer.hits) == 1
    (gap,) = answer.missing
    assert "of kind 'words', which this installation does not know; it knows dense" in gap.reason


def test_a_collection_of_its_time_has_one_and_others_do_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(KINDS, "words")
    services = house.services
    made = create_collection(
        "plain",
        "starter",
        records=services.records,
        index=services.index,
        encoders=services.encoders,
    )
    assert [index.kind for index in made.indexes] == ["dense"]
