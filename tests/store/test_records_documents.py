"""Documents in the records: what accepting them comes to, and how they go."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from samespace.core.errors import Busy, NotFound
from samespace.core.types import TEXT, Item, State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.garbage import BLOB_LOCK
from samespace.store.records.indexes import Held
from samespace.store.records.offers import Outcome
from samespace.store.records.rows import ItemRecord
from samespace.store.records.tables import documents
from samespace.store.sql import serialise, writing
from tests.store.sql_fixtures import (
    MODEL,
    collection,
    database_url,
    digest,
    new_collection,
    offer,
    records,
)

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")


def _item(doc: Document, position: int, content: str) -> Item:
    return Item(f"{doc.id}-{position}", doc.id, TEXT, position, digest(content))


def _make_ready(records: Records, id: str, *contents: str) -> Document:
    (doc,) = records.claims.claim([id], "w", 60)
    items = [_item(doc, position, content) for position, content in enumerate(contents)]
    (index,) = records.collections.get(doc.collection_id).indexes
    held = {index.id: Held(len(items), truncated=[0])}
    (live,) = records.claims.ready([Done(doc, items, held, ())])
    return live


def _make_failed(records: Records, id: str) -> None:
    (doc,) = records.claims.claim([id], "w", 60)
    assert records.claims.fail(doc, "broken")


def test_a_new_document_waits(records: Records) -> None:
    doc, outcome = records.documents.accept(offer("d1", metadata={"tag": ["ä", 1, None]}))

    assert outcome is Outcome.CREATED
    assert (doc.state, doc.generation, doc.live_generation, doc.attempt) == (
        State.QUEUED,
        1,
        None,
        0,
    )
    assert doc.metadata == {"tag": ["ä", 1, None]}
    assert records.documents.get("c1", "d1") == doc


def test_the_same_bytes_again_are_the_same_document(records: Records) -> None:
    first, _ = records.documents.accept(offer("d1"))
    again, outcome = records.documents.accept(offer("d2", job_id="j2"))

    assert outcome is Outcome.UNCHANGED
    assert again == first


def test_the_same_bytes_under_two_external_ids_are_two_documents(records: Records) -> None:
    one, _ = records.documents.accept(offer("d1", external_id="a"))
    two, outcome = records.documents.accept(offer("d2", external_id="b"))

    assert outcome is Outcome.CREATED
    assert (one.id, two.id) == ("d1", "d2")


def test_bytes_alone_mean_the_document_without_an_external_id(records: Records) -> None:
    records.documents.accept(offer("d1", "one"))
    records.documents.accept(offer("d2", "two", external_id="a"))
    records.documents.accept(offer("d2", "one", external_id="a"))

    doc, outcome = records.documents.accept(offer("d3", "one"))

    assert (doc.id, outcome) == ("d1", Outcome.UNCHANGED)


def test_metadata_changes_are_a_new_generation(records: Records) -> None:
    records.documents.accept(offer("d1"))
    _make_ready(records, "d1", "x")

    doc, outcome = records.documents.accept(offer("d2", metadata={"tag": "new"}, job_id="j2"))

    assert outcome is Outcome.UPDATED
    assert (doc.id, doc.generation, doc.live_generation) == ("d1", 2, 1)
    assert (doc.state, doc.metadata, doc.job_id) == (State.QUEUED, {"tag": "new"}, "j2")


def test_changed_bytes_replace_and_the_old_stay_live(records: Records) -> None:
    records.documents.accept(offer("d1", "one", external_id="a"))
    _make_ready(records, "d1", "x")

    doc, outcome = records.documents.accept(offer("d2", "two", external_id="a"))

    assert outcome is Outcome.REPLACED
    assert (doc.id, doc.generation, doc.live_generation) == ("d1", 2, 1)
    assert (doc.content_hash, doc.live_hash) == (digest("two"), digest("one"))


@pytest.mark.parametrize("external_id", [None, "a"])
def test_a_failed_document_is_tried_again(records: Records, external_id: str | None) -> None:
    records.documents.accept(offer("d1", external_id=external_id))
    _make_failed(records, "d1")

    doc, outcome = records.documents.accept(offer("d2", external_id=external_id))

    assert outcome is Outcome.RETRIED
    assert (doc.id, doc.state, doc.generation, doc.reason) == ("d1", State.QUEUED, 2, None)


def test_an_external_id_is_adopted_by_the_bytes_that_had_none(records: Records) -> None:
    records.documents.accept(offer("d1"))
    _make_ready(records, "d1", "x")

    doc, outcome = records.documents.accept(offer("d2", external_id="a"))

    assert outcome is Outcome.UNCHANGED
    assert (doc.id, doc.external_id, doc.state, doc.generation) == ("d1", "a", State.READY, 1)
    assert records.documents.accept(offer("d3", external_id="a"))[0] == doc


def test_bytes_without_an_external_id_mean_a_named_document_if_there_is_one(
    records: Records,
) -> None:
    first, _ = records.documents.accept(offer("d1", external_id="a"))

    assert records.documents.accept(offer("d2")) == (first, Outcome.UNCHANGED)


def test_a_document_on_its_way_out_is_not_taken_back(records: Records) -> None:
    records.documents.accept(offer("d1", external_id="a"))
    records.documents.mark_deleted("c1", ["d1"])

    with pytest.raises(Busy, match=r"d1\.txt"):
        records.documents.accept(offer("d2", external_id="a"))


def test_a_collection_on_its_way_out_takes_nothing_in(records: Records) -> None:
    records.collections.mark_deleted("c1")

    with pytest.raises(NotFound, match="c1"):
        records.documents.accept(offer("d1"))
    with pytest.raises(NotFound, match="c9"):
        records.documents.accept(offer("d1", collection_id="c9"))


def test_collections_do_not_see_each_other(records: Records) -> None:
    new_collection(records, "c2", "dogs", "starter", [MODEL])
    records.documents.accept(offer("d1", external_id="a"))
    _, outcome = records.documents.accept(offer("d2", external_id="a", collection_id="c2"))

    assert outcome is Outcome.CREATED
    with pytest.raises(NotFound):
        records.documents.get("c2", "d1")
    assert [doc.id for doc in records.documents.page("c2")] == ["d2"]


@pytest.mark.parametrize("external_id", [None, "a"])
def test_many_who_offer_the_same_bytes_at_once_get_one_document(
    records: Records, external_id: str | None
) -> None:
    together = threading.Barrier(8)

    def accept(number: int) -> tuple[str, Outcome]:
        together.wait()
        doc, outcome = records.documents.accept(offer(f"d{number}", external_id=external_id))
        return doc.id, outcome

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(accept, range(8)))

    assert len({id for id, _ in answers}) == 1
    assert sorted(outcome for _, outcome in answers) == [Outcome.CREATED, *[Outcome.UNCHANGED] * 7]
    assert len(records.documents.page("c1")) == 1


def test_pages_go_on_where_the_last_one_ended(records: Records) -> None:
    for number in range(5):
        records.documents.accept(offer(f"d{number}", f"{number}"))

    first = records.documents.page("c1", limit=2)
    rest = records.documents.page("c1", after=first[-1].id)

    assert [doc.id for doc in first + rest] == ["d0", "d1", "d2", "d3", "d4"]


def test_pages_are_narrowed_by_state_job_and_prefix(records: Records) -> None:
    records.documents.accept(offer("d1", "1", external_id="a_b/1"))
    records.documents.accept(offer("d2", "2", external_id="a_b/2", job_id="j2"))
    records.documents.accept(offer("d3", "3", external_id="axb/3"))
    _make_ready(records, "d1", "x")

    def ids(**narrow: object) -> list[str]:
        return [doc.id for doc in records.documents.page("c1", **narrow)]  # type: ignore[arg-type]

    assert ids(state=State.READY) == ["d1"]
    assert ids(job_id="j2") == ["d2"]
    assert ids(external_prefix="a_b/") == ["d1", "d2"]
    assert ids(external_prefix="%") == []


def test_the_newest_go_on_from_one_made_in_the_same_moment(records: Records) -> None:
    for number in range(3):
        records.documents.accept(offer(f"d{number}", f"{number}", external_id=f"A_B/{number}"))
    with writing(records.engine) as connection:
        connection.execute(update(documents).values(created_at=1000.0))
    records.documents.accept(offer("a0", "later"))
    records.documents.mark_deleted("c1", ["d1"])

    first = records.documents.newest("c1", limit=2)
    last = first[-1]
    rest = records.documents.newest("c1", before=(last.created_at, last.id))

    assert [doc.id for doc in first + rest] == ["a0", "d2", "d0"]
    assert [doc.id for doc in records.documents.newest("c1", name="a_b/2")] == ["d2"]
    assert records.documents.newest("c1", name="axb") == []


def test_counts_are_by_state(records: Records) -> None:
    for number in range(3):
        records.documents.accept(offer(f"d{number}", f"{number}"))
    _make_ready(records, "d0", "x")

    assert records.documents.counts("c1") == {State.READY: 1, State.QUEUED: 2}
    assert records.documents.counts() == records.documents.counts("c1")
    assert records.documents.counts("c9") == {}


def test_doom_hides_at_once_and_says_which(records: Records) -> None:
    for number in range(3):
        records.documents.accept(offer(f"d{number}", f"{number}"))
    _make_ready(records, "d0", "x")

    assert records.documents.mark_deleted("c1", ["d0", "nobody"]) == ["d0"]
    assert records.documents.mark_deleted("c1", ["d0"]) == []

    with pytest.raises(NotFound):
        records.documents.get("c1", "d0")
    assert records.documents.many(["d0"])["d0"].live_generation is None
    assert sorted(records.documents.mark_deleted("c1")) == ["d1", "d2"]
    assert records.documents.page("c1") == []


def test_doom_stays_within_its_collection(records: Records) -> None:
    records.documents.accept(offer("d1"))

    assert records.documents.mark_deleted("c9", ["d1"]) == []
    assert records.documents.get("c1", "d1").state is State.QUEUED


def test_a_removed_document_leaves_what_others_hold(records: Records) -> None:
    records.documents.accept(offer("d1", "1"))
    records.documents.accept(offer("d2", "2"))
    _make_ready(records, "d1", "shared", "own", "own")
    _make_ready(records, "d2", "shared")
    records.documents.mark_deleted("c1", ["d1"])

    contents = [digest("shared"), digest("own")]
    assert records.documents.unheld(contents) == []
    assert records.documents.remove("d1")
    assert records.documents.unheld(contents) == [digest("own")]

    assert not records.documents.remove("d1")
    assert records.documents.many(["d1"]) == {}


def test_thousands_of_contents_are_looked_up(records: Records) -> None:
    records.documents.accept(offer("d1"))
    _make_ready(records, "d1", "1999")
    contents = [digest(str(number)) for number in range(2000)]

    assert records.documents.unheld(contents) == contents[:1999]


def test_only_a_doomed_document_is_removed(records: Records) -> None:
    records.documents.accept(offer("d1"))
    _make_ready(records, "d1", "x")

    assert not records.documents.remove("d1")
    assert records.documents.get("c1", "d1").state is State.READY


def test_items_of_the_live_version_are_listed_by_position(records: Records) -> None:
    waiting, _ = records.documents.accept(offer("d1"))
    live = _make_ready(records, "d1", "x", "y")

    assert records.documents.items(live) == [
        ItemRecord("d1-0", 0, TEXT, digest("x"), ["words"]),
        ItemRecord("d1-1", 1, TEXT, digest("y"), []),
    ]
    assert records.documents.items(waiting) == []


def test_the_blob_lock_knows_bytes_that_are_still_held(records: Records) -> None:
    records.documents.accept(offer("d1", "one", external_id="a"))
    _make_ready(records, "d1", "x")
    records.documents.accept(offer("d1", "two", external_id="a"))

    def unused(content: str) -> bool:
        with records.documents.blob_lock(digest(content)) as nobody_holds_it:
            return nobody_holds_it

    assert (unused("one"), unused("two"), unused("three")) == (False, False, True)
    records.documents.mark_deleted("c1")
    assert not unused("one")
    records.documents.remove("d1")
    assert unused("one")
    assert unused("two")


def test_nothing_is_accepted_within_the_blob_lock(records: Records) -> None:
    with ThreadPoolExecutor(1) as pool:
        with records.documents.blob_lock(digest("one")) as unused:
            assert unused
            accepting = pool.submit(records.documents.accept, offer("d1"))
            with pytest.raises(TimeoutError):
                accepting.result(timeout=0.2)
        assert accepting.result(timeout=20)[1] is Outcome.CREATED


def test_the_blob_lock_is_given_back_after_an_error(records: Records) -> None:
    with pytest.raises(ZeroDivisionError), records.documents.blob_lock(digest("one")):
        _ = 1 // 0
    with (
        pytest.raises(ValueError, match="surrogates"),
        records.documents.blob_lock("\ud800"),
    ):
        pass

    with writing(records.engine) as connection:
        serialise(connection, BLOB_LOCK)
    assert records.documents.accept(offer("d1"))[1] is Outcome.CREATED


def test_a_collection_is_not_doomed_in_the_middle_of_accepting(records: Records) -> None:
    """Whoever dooms a collection and then its documents must leave none behind."""
    together = threading.Barrier(5)

    def accept(number: int) -> bool:
        together.wait()
        try:
            for claim in range(10):
                records.documents.accept(offer(f"d{number}-{claim}", f"{number} {claim}"))
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        accepting = [pool.submit(accept, number) for number in range(4)]
        together.wait()
        records.collections.mark_deleted("c1")
        records.documents.mark_deleted("c1")
        for future in accepting:
            future.result()

    assert set(records.documents.counts("c1")) <= {State.DELETING}
