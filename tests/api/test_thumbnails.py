"""Thumbnails as browsers get them: kept for good under the content hash, asked for again without it."""

from typing import Any

import pytest

from ingest.thumbnails import make_thumbnails
from samespace.store.blobs import Size, thumbnail
from tests.api.world import World, assert_problem, png

FOREVER = "private, max-age=31536000, immutable"


def added(api: World, name: str, data: bytes) -> Any:
    """The document `p`, ready, with its thumbnails."""
    [sent] = api.send(name, [("p.png", data)], documents=[{"external_id": "p"}]).json()["documents"]
    api.ingest()
    make_thumbnails([sent["id"]], api.services)
    return api.client.get(f"/v1/collections/{name}/documents/{sent['id']}").json()


@pytest.fixture
def picture(api: World, name: str) -> Any:
    return added(api, name, png("red", 400))


def ask(api: World, name: str, document: Any, known: str = "", **how: str) -> Any:
    url = f"/v1/collections/{name}/documents/{document['id']}/thumbnail"
    return api.client.get(url, params=how, headers={"if-none-match": known})


@pytest.mark.parametrize("size", ["small", "large"])
def test_under_the_content_hash_it_is_kept_for_good(
    api: World, name: str, picture: Any, size: str
) -> None:
    answer = ask(api, name, picture, size=size, v=picture["content_hash"])
    assert answer.headers["cache-control"] == FOREVER
    assert answer.content == api.services.blobs.get(thumbnail(picture["content_hash"], Size(size)))
    again = ask(api, name, picture, answer.headers["etag"], size=size, v=picture["content_hash"])
    assert (again.status_code, again.headers["cache-control"]) == (304, FOREVER)


def test_without_it_the_small_one_is_kept_for_a_while(api: World, name: str, picture: Any) -> None:
    answer = ask(api, name, picture)
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.content == ask(api, name, picture, size="small").content
    assert ask(api, name, picture, answer.headers["etag"]).status_code == 304


def test_a_changed_document_has_another_address_and_is_not_kept_under_the_old_one(
    api: World, name: str, picture: Any
) -> None:
    before = ask(api, name, picture, v=picture["content_hash"])
    changed = added(api, name, png("blue", 400))
    assert changed["id"] == picture["id"]
    after = ask(api, name, changed, v=changed["content_hash"])
    assert after.headers["cache-control"] == FOREVER
    assert after.content != before.content
    late = ask(api, name, changed, before.headers["etag"], v=picture["content_hash"])
    assert (late.status_code, late.content) == (200, after.content)
    assert late.headers["cache-control"] == "private, no-cache"


def test_of_a_former_release_the_large_one_is_made_when_it_is_asked_for(
    api: World, name: str, picture: Any
) -> None:
    api.services.blobs.delete(thumbnail(picture["content_hash"], Size.LARGE))
    how = {"size": "large", "v": picture["content_hash"]}
    waits = ask(api, name, picture, **how)
    assert_problem(waits, 503, "unavailable")
    assert (waits.headers["retry-after"], waits.headers["cache-control"]) == ("1", "no-store")
    assert ("make_thumbnails", [picture["id"]]) in api.messages()
    make_thumbnails([picture["id"]], api.services)
    assert ask(api, name, picture, **how).status_code == 200


def test_a_size_that_does_not_exist_is_named(api: World, name: str, picture: Any) -> None:
    answer = ask(api, name, picture, size="huge")
    assert_problem(answer, 422, "invalid_request")
    assert "small" in answer.text
