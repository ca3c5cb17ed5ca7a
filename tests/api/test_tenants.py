"""With a key that is limited to its own collections, those of others cannot be told from ones that do not exist.

Every operation of the OpenAPI description is tried with everything of another tenant that it could name.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

from samespace.encoders.load import Encoders
from tests.api.world import World, open_world

ROOT = {"authorization": "Bearer the-own-key"}
MARK = "zeppelin"
_HEX = re.compile(r"[0-9a-f]{32}")
_LABELS = ["cat", "dog"]


@dataclass(frozen=True)
class Names:
    """By what the things of a tenant are called."""

    collection: str
    document: str
    item: str
    external_id: str
    job: str
    key: str
    cursor: str
    name: str
    query: str
    model: str = "no-such-model"  # no tenant's


NONE = Names(
    "nowhere",
    "0" * 32,
    "1" * 32,
    "no such thing",
    "2" * 32,
    "3" * 12,
    "A" * 48,
    "no such labels",
    "4" * 32,
)


@dataclass(frozen=True)
class Tenant:
    """A key, and what belongs to it."""

    headers: dict[str, str]
    names: Names


@dataclass(frozen=True)
class Tenants:
    """Two tenants of one application."""

    world: World
    mine: Tenant
    theirs: Tenant

    def ask(self, method: str, path: str, body: Any) -> tuple[int, str]:
        """Status and body of what I am answered; events are not waited for."""
        sent: dict[str, Any] = {"json": body}
        if body is not None and "form" in body:
            sent = {"data": {"request": json.dumps(body["form"])}, "files": [("image", b"")]}
        response = self.world.client.request(method, path, headers=self.mine.headers, **sent)
        return response.status_code, re.sub(r'"took_ms":\{[^}]*\}', "", response.text)


def _tenant(world: World, collection: str, text: str) -> Tenant:
    client = world.client
    assert client.post("/v1/collections", json={"name": collection}).status_code == 201
    made = client.post("/v1/keys", json={"name": collection, "collections": [collection]}).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    documents = f"/v1/collections/{collection}/documents"
    texts = [
        {
            "text": f"{text} number {number}",
            "name": f"{text}-{number}",
            "external_id": f"{text}/{number}",
        }
        for number in range(3)
    ]
    job = client.post(documents, json={"documents": texts}, headers=headers).json()["job_id"]
    world.ingest()
    [document, *_] = client.get(documents, headers=headers).json()["documents"]
    [item, *_] = client.get(f"{documents}/{document['id']}/items", headers=headers).json()["items"]
    found = client.post(
        f"/v1/collections/{collection}/search", json={"query": text, "limit": 1}, headers=headers
    )
    cursor = found.json()["cursor"]
    assert cursor
    labels = f"{text} labels"
    kept = f"/v1/collections/{collection}/labelsets/{labels}"
    assert client.put(kept, json={"labels": _LABELS}, headers=headers).status_code == 200
    queries = f"/v1/collections/{collection}/queries"
    query = client.post(queries, json={"query": text}, headers=headers).json()["id"]
    marked = f"{queries}/{query}/documents/{document['id']}"
    assert client.put(marked, json={"good": True}, headers=headers).status_code == 200
    names = Names(
        collection,
        document["id"],
        item["id"],
        document["external_id"],
        job,
        made["id"],
        cursor,
        labels,
        query,
    )
    return Tenant(headers, names)


@pytest.fixture(scope="module")
def tenants(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[Tenants]:
    folder = tmp_path_factory.mktemp("tenants")
    with open_world(folder, redis_url, encoders, api_key="the-own-key") as world:
        world.client.headers.update(ROOT)
        mine = _tenant(world, "mine", "a garden")
        theirs = _tenant(world, f"{MARK}-works", f"a {MARK}")
        yield Tenants(world, mine, theirs)


def _bodies(path: str, method: str, them: Names) -> list[Any]:
    """What can be sent to a route and names something of theirs; one without names where nothing can."""
    search = [
        {"parts": [{"item": them.item}]},
        {"query": "garden", "filter": {"$document": them.document}},
        {"query": "a flying machine"},
        {"cursor": them.cursor},
    ]
    bodies: dict[tuple[str, str], list[Any]] = {
        ("post", ""): [{"name": them.collection}],
        ("patch", "/{collection}"): [{"max_documents": 1}],
        ("post", "/{collection}/search"): [*search, *({"form": body} for body in search)],
        ("post", "/{collection}/similar"): [
            {"item": them.item},
            {"item": them.item, "filter": {"$document": them.document}},
        ],
        ("post", "/{collection}/classify"): [
            {"labels": _LABELS, "text": "a cat"},
            {"labels": _LABELS, "items": [them.item]},
            {"labels": _LABELS, "documents": [them.document]},
        ],
        ("post", "/{collection}/classify/jobs"): [{"labels": _LABELS}],
        ("put", "/{collection}/labelsets/{name}"): [{"labels": _LABELS}],
        ("post", "/{collection}/items/get"): [{"ids": [them.item]}],
        ("post", "/{collection}/queries"): [{"query": "a garden"}],
        ("put", "/{collection}/queries/{query}/documents/{document}"): [{"good": True}],
        ("post", "/{collection}/compare/jobs"): [
            {},
            {"judged": [{"parts": [{"document": them.document}], "right": [them.document]}]},
        ],
        ("post", "/{collection}/compare/marks"): [{"query": "a garden", "better": "same"}],
        ("post", "/{collection}/documents"): [
            {"text": "mine", "external_id": them.external_id},
            {"text": f"a copy of {them.document}"},
        ],
        ("post", "/{collection}/documents/delete"): [
            {"ids": [them.document]},
            {"external_ids": [f"{them.external_id}/gone"]},
            {"external_prefix": f"{them.external_id}/", "keep": []},
        ],
        ("post", "/{collection}/documents/get"): [{"ids": [them.document]}],
        ("post", "/{collection}/documents/retry"): [{"ids": [them.document]}],
        ("post", "/{collection}/documents/cancel"): [{"ids": [them.document]}],
    }
    others: dict[tuple[str, str], list[Any]] = {
        ("post", "/v1/embeddings"): [{"input": "a", "model": them.collection}],
        ("post", "/v1/keys"): [{"name": "new", "collections": [them.collection]}],
        ("post", "/v1/keys/{key}/rotate"): [{}],
    }
    short = path.removeprefix("/v1/collections")
    return bodies.get((method, short)) or others.get((method, path)) or [None]


def _queries(path: str, method: str, them: Names) -> list[str]:
    if (method, path) == ("get", "/v1/jobs"):
        return ["", f"?collection={them.collection}"]
    if (method, path) == ("get", "/v1/collections/{collection}/documents"):
        return ["", f"?external_prefix={them.external_id}"]
    return [""]


def _operations(world: World) -> list[tuple[str, str]]:
    described = world.client.get("/openapi.json").json()["paths"]
    found = [(method, path) for path, operations in described.items() for method in operations]
    # Adding comes last: what I call by their names is mine from then on.
    return sorted(found, key=lambda each: (each[0] == "post", each[1].endswith("/documents")))


def _places(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


_CHANGES_MINE = {
    ("delete", "/v1/collections/{collection}"),
    ("post", "/v1/collections/{collection}/pause"),
    ("post", "/v1/collections/{collection}/resume"),
}
_ENDLESS = {("get", "/v1/collections/{collection}/events")}


def test_nothing_of_others_is_told_from_what_does_not_exist(tenants: Tenants) -> None:
    mine, theirs = tenants.mine.names, tenants.theirs.names
    secrets = [MARK, *(value for name, value in asdict(theirs).items() if name != "key")]
    tried = 0
    for method, path in _operations(tenants.world):
        places = _places(path)
        for whose in itertools.product((mine, theirs), repeat=len(places)):
            if method != "get" and "{" in path and theirs not in whose and path.count("{") > 1:
                continue  # would change what is mine
            if whose == (mine,) and (method, path) in _CHANGES_MINE | _ENDLESS:
                continue
            for number, _ in enumerate(_bodies(path, method, theirs)):
                for query in range(len(_queries(path, method, theirs))):
                    answers = []
                    for them in (theirs, NONE):
                        names = [them if each is theirs else mine for each in whose]
                        at = {
                            place: getattr(each, place)
                            for place, each in zip(places, names, strict=True)
                        }
                        body = _bodies(path, method, them)[number]
                        address = path.format(**at) + _queries(path, method, them)[query]
                        status, text = tenants.ask(method, address, body)
                        sent = f"{address} {json.dumps(body)}"
                        for secret in secrets:
                            assert secret not in text or secret in sent, (method, address, text)
                        answers.append((status, _without(text, them)))
                    assert answers[0] == answers[1], (method, path, body)
                    assert answers[0][0] < 500, answers
                    tried += 1
    assert tried > 50


def _without(text: str, names: Names) -> str:
    """The text without the names that were asked for and ids made on the way."""
    for value in sorted(asdict(names).values(), key=len, reverse=True):
        text = text.replace(value, "it")
    return _HEX.sub("id", re.sub(r'"\d{4}-\d\d-\d\dT[^"]*"', "time", text))


def _signed_in(tenants: Tenants) -> Tenants:
    """The same, with a cookie in place of my key."""
    page = {"x-samespace-page": "1"}
    key = tenants.mine.headers["authorization"].removeprefix("Bearer ")
    client = tenants.world.client
    answer = client.post("/v1/session", json={"key": key}, headers=page)
    assert answer.status_code == 204
    client.cookies.clear()
    # The client would add the root key to a request that names none.
    headers = {"authorization": "", "cookie": answer.headers["set-cookie"], **page}
    return replace(tenants, mine=Tenant(headers, tenants.mine.names))


def test_a_session_sees_exactly_what_its_key_sees(tenants: Tenants) -> None:
    mine, theirs = tenants.mine.names, tenants.theirs.names
    session = _signed_in(tenants)
    compared = 0
    for method, path in _operations(tenants.world):
        if path.endswith(("/events", "/v1/session")):
            continue  # one has no end, the other tells the two apart
        places = _places(path)
        for whose in itertools.product((mine, theirs), repeat=len(places)):
            if method != "get" and whose[:1] != (theirs,):
                continue  # would change what is mine
            at = {
                place: getattr(each, place, "any")
                for place, each in zip(places, whose, strict=True)
            }
            for body in _bodies(path, method, theirs):
                for query in _queries(path, method, theirs):
                    address = path.format(**at) + query
                    by_key = tenants.ask(method, address, body)
                    assert session.ask(method, address, body) == by_key, (method, address)
                    compared += 1
    assert compared > 50


def test_everything_of_theirs_is_still_there(tenants: Tenants) -> None:
    view = tenants.world.client.get(
        f"/v1/collections/{tenants.theirs.names.collection}", headers=tenants.theirs.headers
    ).json()
    assert view["documents"]["ready"] == view["held_documents"] == 3


def test_each_sees_their_own(tenants: Tenants) -> None:
    for tenant in (tenants.mine, tenants.theirs):
        get = tenants.world.client.get
        found = get("/v1/collections", headers=tenant.headers).json()["collections"]
        assert [each["name"] for each in found] == [tenant.names.collection]
        jobs = get("/v1/jobs", headers=tenant.headers).json()["jobs"]
        assert {job["collection"] for job in jobs} == {tenant.names.collection}
        status = get("/v1/status", headers=tenant.headers).json()
        assert status["documents"]["ready"] == 3
        assert (status["workers"], status["queue"]) == ([], None)
        assert get("/metrics", headers=tenant.headers).status_code == 403
    everything = tenants.world.client.get("/v1/collections").json()["collections"]
    assert len(everything) == 2


def test_a_cursor_is_of_the_key_that_asked(tenants: Tenants) -> None:
    name = tenants.mine.names.collection
    other = tenants.world.client.post(
        "/v1/keys", json={"name": "two", "collections": [name]}
    ).json()
    again = {"cursor": tenants.mine.names.cursor}
    path = f"/v1/collections/{name}/search"
    post = tenants.world.client.post
    assert post(path, json=again, headers=tenants.mine.headers).status_code == 200
    headers = {"authorization": f"Bearer {other['key']}"}
    foreign = post(path, json=again, headers=headers)
    invented = post(path, json={"cursor": NONE.cursor}, headers=headers)
    assert (foreign.status_code, foreign.json()) == (422, invented.json())


def test_a_new_collection_under_an_old_name_is_not_granted(tenants: Tenants) -> None:
    client = tenants.world.client
    client.post("/v1/collections", json={"name": "passing"})
    key = client.post("/v1/keys", json={"name": "k", "collections": ["passing"]}).json()
    headers = {"authorization": f"Bearer {key['key']}"}
    assert client.get("/v1/collections/passing", headers=headers).status_code == 200
    client.delete("/v1/collections/passing")
    client.post("/v1/collections", json={"name": "passing"})
    assert client.get("/v1/collections/passing", headers=headers).status_code == 404
    assert client.get("/v1/collections/passing").status_code == 200
    assert client.get(f"/v1/keys/{key['id']}").json()["collections"] == []
    client.delete("/v1/collections/passing")
