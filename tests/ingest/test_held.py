"""A document of many pictures stays open in its child: it is opened once, read page by page, and let go in time."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ingest.embed import ingest_documents
from ingest.parse import Parsed, ParseJob, ReadJob
from ingest.parsed import Read
from ingest.sandbox import Sandbox
from samespace.core.types import State
from samespace.store.records import Document
from tests.ingest import files
from tests.ingest.hostile import Echo, Pid
from tests.ingest.house import House

PAGES = 40
SCAN = files.pdf([""] * PAGES)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, 30, 1024) as sandbox:
        yield sandbox


def opening(key: str, data: bytes = SCAN) -> ParseJob:
    return ParseJob("scan.pdf", "application/pdf", data, files.LIMITS, key=key)


def never() -> ReadJob:
    raise AssertionError("it is opened again")


def read_on(
    sandbox: Sandbox, key: str, wanted: tuple[int, ...], anew: Callable[[], ReadJob] = never
) -> Read:
    read = sandbox.read_on(key, ReadJob("scan.pdf", key, wanted), anew)
    assert isinstance(read, Read)
    return read


def test_a_document_is_opened_once_and_read_in_any_order(sandbox: Sandbox) -> None:
    parsed = sandbox.run(opening("one"))
    assert (len(parsed.pictures), parsed.waiting) == (16, tuple(range(16, PAGES)))
    for wanted in ((39, 16), tuple(range(17, 30))):
        read = read_on(sandbox, "one", wanted)
        assert (read.at, read.is_held) == (wanted, True)
    assert not read_on(sandbox, "one", tuple(range(30, 39))).is_held
    with pytest.raises(AssertionError, match="opened again"):
        read_on(sandbox, "one", (20,))


def test_whoever_needs_the_last_child_gets_it_and_the_document_is_opened_again(
    sandbox: Sandbox,
) -> None:
    sandbox.run(opening("one"))
    assert sandbox.run(Echo("a thumbnail")) == "a thumbnail"
    again = ReadJob("scan.pdf", "one", (20,), opening("one"))
    read = read_on(sandbox, "one", (20,), lambda: again)
    assert (read.at, read.is_held) == ((20,), True)
    assert read_on(sandbox, "one", (21,)).at == (21,)


def test_what_is_opened_ahead_waits_for_a_child_that_keeps_nothing(sandbox: Sandbox) -> None:
    results = sandbox.run_many([opening("one"), opening("two"), opening("three")])
    first = next(results)
    assert isinstance(first, Parsed)
    for at in first.waiting:
        assert read_on(sandbox, "one", (at,)).at == (at,)
    assert [isinstance(each, Parsed) for each in results] == [True, True]
    assert sandbox.run(Echo("well")) == "well"


def children() -> set[psutil.Process]:
    """Of this process, also those of other sandboxes."""
    return set(psutil.Process().children())


def test_a_child_that_dies_between_two_pages_costs_none(sandbox: Sandbox) -> None:
    (parsed,) = sandbox.run_many([opening("one")])
    assert isinstance(parsed, Parsed)
    os.kill(sandbox.run(Pid()), signal.SIGKILL)
    others = children()
    sandbox.run(opening("one"))
    (child,) = children() - others
    child.kill()
    child.wait()
    again = ReadJob("scan.pdf", "one", (20,), opening("one"))
    assert read_on(sandbox, "one", (20,), lambda: again).at == (20,)


def test_closing_tells_whoever_waits_for_a_child() -> None:
    sandbox = Sandbox(1, 30, 1024)
    results = sandbox.run_many([opening("one"), opening("two")])
    next(results)
    closing = threading.Thread(target=sandbox.close)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()


def fetched(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the originals that are asked for from now on."""
    keys: list[str] = []
    get = house.services.blobs.get

    def noted(key: str) -> Path | bytes:
        keys.append(key)
        return get(key)

    monkeypatch.setattr(house.services.blobs, "get", noted)
    return keys


def pages_of(house: House, doc: Document) -> list[int | None]:
    rows = [row for row in house.rows() if row.item.document_id == doc.id]
    rows.sort(key=lambda row: row.item.position)
    return [row.item.place.page for row in rows]


def test_an_original_is_fetched_once_however_many_slices_it_takes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [house.accept(SCAN, "a.pdf"), house.accept(files.pdf([""] * 20), "b.pdf")]
    keys = fetched(house, monkeypatch)
    ready = house.ingest(*docs)
    assert [doc.id for doc in ready] == [doc.id for doc in docs]
    assert len(keys) == 2
    assert pages_of(house, docs[0]) == list(range(1, PAGES + 1))
    assert pages_of(house, docs[1]) == list(range(1, 21))


def test_a_stop_in_the_middle_of_a_document_ends_soon_and_the_rest_comes_later(
    house: House,
) -> None:
    docs = [house.accept(SCAN, "a.pdf"), house.accept(files.pdf([""] * 30), "b.pdf")]
    asked = iter([False, True])
    ingest_documents(house.claim(*docs), house.services, must_stop=lambda: next(asked))
    assert {house.now(doc).state for doc in docs} == {State.QUEUED}
    assert len(house.ingest(*docs)) == 2
    assert pages_of(house, docs[0]) == list(range(1, PAGES + 1))
