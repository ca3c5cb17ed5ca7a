"""The change of a model on record: one at a time, and a switch that nobody can end a claim beside."""

import threading
import time
from dataclasses import replace

import pytest

from samespace.core.errors import Conflict, NotFound
from samespace.core.types import IMAGE, TEXT, Item, State
from samespace.store.records import Collection, Document, Records, Role
from samespace.store.records.claims import Done
from samespace.store.records.indexes import Held
from samespace.store.records.model_changes import Addition, ModelChange
from samespace.store.records.models import model_of
from tests.store.sql_fixtures import MODEL, collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

OTHER = model_of(replace(MODEL.space, name="other", model="builtin:other"), "ab" * 32)
BOTH = [TEXT, IMAGE]


def begin(records: Records, collection: Collection) -> ModelChange:
    return records.model_changes.begin(
        collection, "new", [Addition(OTHER)], collection.spaces, space=None, keep_days=2
    )


def now(records: Records) -> Collection:
    return records.collections.get("c1")


def claimed(records: Records, id: str) -> Document:
    records.documents.accept(offer(id, id, external_id=id))
    (doc,) = records.claims.claim([id], "w", 60)
    return doc


def claimed_again(records: Records, id: str) -> Document:
    (doc,) = records.claims.claim([id], "w", 60)
    return doc


def done(doc: Document, *index_ids: str, truncated: tuple[int, ...] = ()) -> Done:
    item = Item(f"{doc.id}-{doc.generation}", doc.id, TEXT, 0, digest(doc.id))
    return Done(doc, [item], {id: Held(1, truncated) for id in index_ids}, ())


def ready(records: Records, id: str, **more: tuple[int, ...]) -> None:
    live = [one.id for one in now(records).live]
    assert records.claims.ready([done(claimed(records, id), *live, **more)])


def test_a_change_is_one_at_a_time(records: Records, collection: Collection) -> None:
    with pytest.raises(NotFound, match="'cats' is not being changed"):
        records.model_changes.get(collection)
    change = begin(records, collection)
    assert (change.before, change.preset, change.is_switched) == ("starter", "new", False)
    assert change.outgoing == (collection.live[0].id,)
    assert change.beside == change.incoming
    with pytest.raises(Conflict, match="'cats' is being changed already"):
        begin(records, collection)
    assert len(now(records).indexes) == 2
    assert records.model_changes.all() == [change]


def test_nothing_is_switched_while_something_is_lacking(
    records: Records, collection: Collection
) -> None:
    change = begin(records, collection)
    [new] = change.incoming
    ready(records, "a")
    ready(records, "b")
    assert records.model_changes.switch(collection, to_new=True) == {new: 2}
    records.indexes.note(new, BOTH, {"a": 1})
    records.indexes.note_failed(new, {"b": 1}, "it is poison")
    assert records.holdings.is_noted("c1", new)
    assert records.model_changes.switch(collection, to_new=True) == {new: 1}
    assert [one.name for one in now(records).live] == ["words"]
    assert records.model_changes.switch(collection, to_new=True, force=True) == {}
    assert ([one.name for one in now(records).live], now(records).preset) == (["other"], "new")
    assert records.documents.get("c1", "b").warnings == (
        "space 'other' does not know it: it is poison",
    )
    assert [one.reason for one in records.holdings.failed_in("c1", [new], 5)] == ["it is poison"]
    kept = records.model_changes.get(collection)
    assert kept.kept_until is not None
    assert kept.kept_until - time.time() == pytest.approx(2 * 24 * 3600, abs=60)
    assert records.model_changes.switch(collection, to_new=False) == {}
    assert (now(records).preset, records.documents.get("c1", "b").warnings) == ("starter", ())


def test_warnings_of_what_is_cut_go_with_the_space(
    records: Records, collection: Collection
) -> None:
    [new] = begin(records, collection).incoming
    ready(records, "a", truncated=(0,))
    records.indexes.note(new, BOTH, {"a": 1}, {"a": [0]})
    assert records.model_changes.switch(collection, to_new=True) == {}
    doc = records.documents.get("c1", "a")
    assert doc.warnings == (
        "space 'other' knows only the beginnings of 1 of 1 items: they are longer than it takes",
    )
    assert [item.cut_in for item in records.documents.items(doc)] == [["other"]]


def test_a_claim_that_wrote_for_another_index_waits_again(
    records: Records, collection: Collection
) -> None:
    change = begin(records, collection)
    old, new = change.outgoing[0], change.incoming[0]
    late, right = claimed(records, "late"), claimed(records, "right")
    records.model_changes.switch(collection, to_new=True)
    assert [doc.id for doc in records.claims.ready([done(late, old), done(right, new)])] == [
        "right"
    ]
    waiting = records.documents.get("c1", "late")
    assert (waiting.state, waiting.attempt, waiting.owner) == (State.QUEUED, 0, None)


def test_claims_end_and_roles_change_at_the_same_time(
    records: Records, collection: Collection
) -> None:
    """No document is live that the live index does not hold, whichever comes first; and none waits for the other."""
    change = begin(records, collection)
    old, new = change.outgoing[0], change.incoming[0]
    for number in range(12):
        ready(records, f"d{number}", truncated=(0,))
    records.claims.rewrite([f"d{number}" for number in range(12)])
    docs = [claimed_again(records, f"d{number}") for number in range(12)]
    docs += [claimed(records, f"d{number}") for number in range(12, 24)]

    def end(some: list[Document]) -> None:
        for doc in some:
            records.claims.ready([done(doc, old)])

    enders = [threading.Thread(target=end, args=[docs[start::3]]) for start in range(3)]
    for ender in enders:
        ender.start()
    switched = False
    while not switched:
        lacking = dict(records.holdings.unnoted("c1", new))
        records.indexes.note(new, BOTH, lacking)
        switched = not records.model_changes.switch(collection, to_new=True)
    for ender in enders:
        ender.join()
    assert records.holdings.is_noted("c1", new)
    counts = records.documents.counts("c1")
    assert counts.get(State.READY, 0) + counts.get(State.QUEUED, 0) == len(docs)
    assert [one.id for one in now(records).live] == [new]


def test_what_is_given_up_is_seen_by_nobody_but_who_removes_it(
    records: Records, collection: Collection
) -> None:
    change = begin(records, collection)
    records.model_changes.switch(collection, to_new=True)
    assert records.model_changes.give_up("c1", expired_at=time.time()) == ()
    assert records.model_changes.give_up("c1") == change.outgoing
    assert [one.role for one in now(records).indexes] == [Role.LIVE]
    assert records.model_changes.find("c1") is None
    [gone] = records.indexes.given_up()
    assert gone.fingerprint == MODEL.fingerprint
    assert not records.is_idle()
    with records.indexes.no_model_added(MODEL.fingerprint) as is_unused:
        assert is_unused
    with records.indexes.no_model_added(OTHER.fingerprint) as is_unused:
        assert not is_unused
    records.indexes.remove(gone.id)
    assert records.indexes.given_up() == []


def test_a_change_goes_with_its_collection(records: Records, collection: Collection) -> None:
    begin(records, collection)
    records.collections.mark_deleted("c1")
    assert records.model_changes.all() == []
    records.collections.remove("c1")
    assert records.model_changes.find("c1") is None
