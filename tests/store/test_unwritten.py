"""What was read is read again after each write, whoever made it, and not before."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from samespace.core.errors import NotFound
from samespace.store.records import Collection, Records, open_records
from samespace.store.sql import open_engine
from samespace.store.stamp import Stamp
from samespace.store.unwritten import Unwritten
from tests.store.sql_fixtures import collection, database_url, offer, records

__all__ = ["collection", "database_url", "records"]


@pytest.fixture
def other(records: Records, database_url: str) -> Iterator[Records]:
    opened = open_records(database_url)
    yield opened
    opened.close()


def knows_stamps(records: Records) -> bool:
    return records.stamp.now() is not None


def counted(asked: list[Sequence[str]]) -> Callable[[Sequence[str]], dict[str, str]]:
    """Reads the keys of one letter, and notes what it was asked for."""

    def read(keys: Sequence[str]) -> dict[str, str]:
        asked.append(list(keys))
        return {key: key.upper() for key in keys if len(key) == 1}

    return read


def test_only_what_is_not_known_is_read(records: Records) -> None:
    if not knows_stamps(records):
        pytest.skip("knows none")
    asked: list[Sequence[str]] = []
    kept: Unwritten[str, str] = Unwritten(records.stamp, 10)
    assert kept.many(["a", "none"], counted(asked)) == {"a": "A"}
    assert kept.many(["b", "a", "none"], counted(asked)) == {"b": "B", "a": "A"}
    assert kept.one("b", lambda: "unread") == "B"
    assert asked == [["a", "none"], ["b"]]


def test_of_more_than_it_keeps_all_are_answered(records: Records) -> None:
    kept: Unwritten[str, str] = Unwritten(records.stamp, 3)
    for keys in ("abc", "bcd", "abcdefgh", "a", "hgf"):
        assert kept.many(keys, counted([])) == {key: key.upper() for key in keys}
        assert len(kept._kept) <= 3


def test_where_nothing_says_whether_it_was_written_all_is_read() -> None:
    engine = open_engine("sqlite://")
    asked: list[Sequence[str]] = []
    kept: Unwritten[str, str] = Unwritten(Stamp(engine), 10)
    for _ in range(2):
        assert kept.many(["a"], counted(asked)) == {"a": "A"}
    assert len(asked) == 2
    engine.dispose()


def test_an_error_is_raised_each_time(records: Records) -> None:
    for _ in range(2):
        with pytest.raises(NotFound):
            records.collections.find("nowhere")


@pytest.mark.parametrize("by_another", [False, True], ids=["here", "elsewhere"])
def test_every_write_is_seen_at_once(
    records: Records, other: Records, collection: Collection, *, by_another: bool
) -> None:
    writer = other if by_another else records
    assert records.documents.pending(collection.id) == 0
    for number in range(3):
        document, _ = writer.documents.accept(offer(f"d{number}", f"content {number}"))
        assert records.documents.pending(collection.id) == number + 1
        assert records.documents.live([document.id]) == {}
    assert records.collections.find(collection.name).max_documents is None
    writer.collections.limit(collection.id, {"max_documents": 7})
    assert records.collections.find(collection.name).max_documents == 7
    writer.collections.mark_deleted(collection.id)
    with pytest.raises(NotFound):
        records.collections.find(collection.name)
