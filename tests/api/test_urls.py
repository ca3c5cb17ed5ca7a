"""Documents by URL over HTTP: fetched, named, each refused alone, and off unless the server is set up to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.client.uploads import Source, Url, batches, opened
from samespace.encoders.load import Encoders
from tests.api.world import World, assert_problem, open_world
from tests.ingest.sites import site

PUBLIC = "127.0.0.2"


@pytest.fixture
def home(tmp_path: Path, redis_url: str, encoders: Encoders) -> Iterator[tuple[World, str]]:
    with site(PUBLIC, body=b"A page on herons.") as (port, _):
        settings = {"fetch_urls": True, "fetch_ports": (port,), "fetch_allow": (PUBLIC,)}
        with open_world(tmp_path, redis_url, encoders, **settings) as world:
            yield world, f"http://{PUBLIC}:{port}"


def test_urls_are_documents_and_fail_alone(home: tuple[World, str]) -> None:
    api, root = home
    name = api.collection()
    documents = [
        {"url": f"{root}/birds/heron.txt", "metadata": {"n": 1}},
        {"url": f"{root}/gone"},
        {"text": "A text between."},
        {"url": "http://127.0.0.1/"},
        {"url": f"{root}/heron.md", "name": "own.md", "external_id": "own"},
        {"url": "http://xn--/"},
        {"url": "http://" + "a" * 70 + ".example/"},
        {"url": "http://a..example/"},
        {"url": f"{root}/tab%09and%0Aline.txt"},
    ]
    path = f"/v1/collections/{name}/documents"
    answer = api.client.post(path, json={"documents": documents})
    assert answer.status_code == 202, answer.text
    first, gone, text, inner, own, no_name, long, empty, odd = answer.json()["documents"]
    assert no_name["error"] == {
        "code": "invalid_request",
        "detail": "the URL 'http://xn--/' cannot be read: Malformed A-label, no Punycode eligible content found",
    }
    assert {long["error"]["code"], empty["error"]["code"]} <= {"invalid_request", "unreadable"}
    assert odd["name"] == "tab\\tand\\nline.txt"
    assert (first["name"], first["external_id"]) == ("heron.txt", f"{root}/birds/heron.txt")
    assert (gone["name"], gone["error"]["code"]) == (f"{root}/gone", "unreadable")
    assert text["name"] == "A text between."
    assert inner["error"]["code"] == "invalid_request"
    assert (own["name"], own["external_id"]) == ("own.md", "own")
    content = api.client.get(f"{path}/{first['id']}/content")
    assert content.content == b"A page on herons."
    again = api.client.post(path, json=documents[0])
    assert again.json()["documents"][0]["outcome"] == "unchanged"
    assert not list(api.services.settings.data.glob("tmp*"))


def test_the_client_sends_urls(home: tuple[World, str]) -> None:
    api, root = home
    name = api.collection()
    sources = [Source("text", name="t"), Source(Url(f"{root}/a.txt")), Source(b"", name="empty")]
    assert [len(batch) for batch in batches(sources)] == [1, 1, 1]
    url = Source(Url(f"{root}/a.txt"), metadata={"n": 2})
    with opened(name, [url], {"album": "x", "n": 1}) as ready:
        request = ready.request
        assert request is not None
        answer = request.read(api.client.post(request.path, json=request.json))  # type: ignore[arg-type]
    [accepted] = answer["documents"]
    view = api.client.get(f"/v1/collections/{name}/documents/{accepted['id']}").json()
    assert view["metadata"] == {"album": "x", "n": 2}


def test_it_is_off(api: World, name: str) -> None:
    response = api.client.post(
        f"/v1/collections/{name}/documents", json={"url": "http://example.org/"}
    )
    problem = assert_problem(response, 422, "invalid_request")
    assert "SAMESPACE_FETCH_URLS" in problem["detail"]


@pytest.mark.parametrize("body", [{"url": "http://a/", "text": "x"}, {}, {"url": 7}])
def test_a_document_is_one_of_both(api: World, name: str, body: object) -> None:
    response = api.client.post(f"/v1/collections/{name}/documents", json=body)
    assert_problem(response, 422, "invalid_request")


def test_there_are_not_too_many(api: World, name: str) -> None:
    many = {"documents": [{"url": f"http://a/{n}"} for n in range(17)]}
    response = api.client.post(f"/v1/collections/{name}/documents", json=many)
    assert "17 URLs, the limit is 16" in assert_problem(response, 413, "too_large")["detail"]
