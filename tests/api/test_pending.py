"""A search says how many documents are still coming in."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from samespace.api.responses.pending import Pending
from samespace.store.records import Collection
from samespace.store.records.documents import Documents
from tests.api.world import World


def pending(world: World, name: str, **query: Any) -> int:
    response = world.client.post(f"/v1/collections/{name}/search", json={"query": "a cat", **query})
    assert response.status_code == 200, response.text
    return int(response.json()["pending"])


def test_a_search_right_after_an_upload_says_what_is_missing(api: World, name: str) -> None:
    assert pending(api, name) == 0
    api.add(name, "The cat sleeps.", "A dog barks.", "An owl sees.")
    api.add(api.collection(), "In another collection.")
    assert pending(api, name) == 3
    api.ingest()
    assert pending(api, name) == 0


def test_what_is_at_work_counts_and_what_has_ended_does_not(api: World, name: str) -> None:
    made = api.add(name, "One.", "Two.", "Three.")["documents"]
    records = api.services.records
    ids = [document["id"] for document in made]
    [claimed] = records.claims.claim(ids[:1], "somebody", 60)
    assert claimed.id == ids[0]
    assert pending(api, name) == 3
    api.client.post(f"/v1/collections/{name}/documents/cancel", json={"ids": ids[1:2]})
    assert pending(api, name) == 2
    api.client.post(f"/v1/collections/{name}/documents/delete", json={"ids": ids[2:]})
    assert pending(api, name) == 1
    records.claims.fail(claimed, "it is broken")
    assert pending(api, name) == 0


def test_a_new_version_counts_while_the_old_one_answers(api: World, name: str) -> None:
    api.add(name, "The cat sleeps.", external_id="cat")
    api.ingest()
    api.add(name, "The cat woke up.", external_id="cat")
    assert pending(api, name) == 1


def test_similar_and_further_pages_say_it_too(api: World, name: str) -> None:
    api.add(name, "The cat sleeps.", "A dog barks.")
    first = next(document for document in api.ingest() if document.size == 15)
    api.add(name, "An owl sees.")
    url = f"/v1/collections/{name}"
    item = api.services.records.documents.items(first)[0].key
    assert api.client.post(f"{url}/similar", json={"item": item}).json()["pending"] == 1
    page = api.client.post(f"{url}/search", json={"query": "a cat", "limit": 1}).json()
    assert pending(api, name, cursor=page["cursor"]) == 1


def test_many_are_counted_once_a_second_and_few_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("samespace.api.responses.pending.monotonic", lambda: now)
    numbers = iter([999, 1000, 5, 5])
    documents = cast(Documents, SimpleNamespace(pending=lambda _id: next(numbers)))
    collection = cast(Collection, SimpleNamespace(id="c"))
    counts = Pending(documents)
    assert counts.count(collection) == 999
    assert counts.count(collection) == 1000
    now = 100.9
    assert counts.count(collection) == 1000
    now = 101.1
    assert counts.count(collection) == 5
    assert counts.count(collection) == 5
