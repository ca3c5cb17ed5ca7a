"""Kept queries, the query log, the other index and the marks of people, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from samespace.store.records import Role
from samespace.store.records.keys import Scope
from tests.api.world import World, assert_problem, open_world
from tests.second_index import BagsOfWords, build_second


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """An application over models that cost nothing."""
    with open_world(tmp_path_factory.mktemp("api"), redis_url, BagsOfWords()) as world:
        yield world


@pytest.fixture(scope="module")
def logging(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """An application whose operator has queries kept, and that wants keys."""
    folder = tmp_path_factory.mktemp("logging")
    with open_world(folder, redis_url, BagsOfWords(), api_key="own", query_log=2) as world:
        world.client.headers.update({"authorization": "Bearer own"})
        yield world


def search(world: World, name: str, **body: Any) -> Any:
    return world.client.post(f"/v1/collections/{name}/search", json=body)


def test_queries_are_kept_judged_and_forgotten(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/queries"
    (document,) = api.add(name, "A red car.")["documents"]
    kept = api.client.post(url, json={"query": "red car", "targets": ["text"]})
    assert kept.status_code == 201
    id = kept.json()["id"]
    assert kept.json()["words"] == "red car"
    parts = [{"text": "boat", "weight": 2}, {"item": "0f5a", "weight": -1}]
    assert (
        api.client.post(url, json={"parts": parts}).json()["words"] == "2 x boat, - like item 0f5a"
    )

    mark = f"{url}/{id}/documents/{document['id']}"
    assert api.client.put(mark, json={"good": True}).status_code == 200
    (first, _) = api.client.get(url).json()["queries"]
    assert (first["id"], first["good"], first["bad"]) == (id, [document["id"]], [])
    api.client.put(mark, json={"good": False})
    assert api.client.get(url).json()["queries"][0]["bad"] == [document["id"]]
    api.client.put(mark, json={"good": None})
    assert api.client.get(url).json()["queries"][0]["bad"] == []
    unknown = api.client.put(f"{url}/{id}/documents/nobody", json={"good": True})
    assert "nobody" in assert_problem(unknown, 404, "not_found")["detail"]
    assert_problem(
        api.client.put(f"{url}/none/documents/{document['id']}", json={"good": True}),
        404,
        "not_found",
    )

    assert api.client.delete(f"{url}/{id}").status_code == 200
    assert_problem(api.client.delete(f"{url}/{id}"), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": " "},
        {"parts": [{"weight": 1}]},
        {"parts": [{"text": "a", "item": "b"}]},
        {"query": "a", "targets": ["smell"]},
        {"parts": [{"text": "a", "weight": 0}]},
    ],
)
def test_what_could_not_be_asked_is_not_kept(api: World, name: str, body: dict[str, Any]) -> None:
    response = api.client.post(f"/v1/collections/{name}/queries", json=body)
    assert_problem(response, 422, "invalid_request")


def test_the_other_index_is_asked_alone_and_its_cursors_are_its_own(api: World, name: str) -> None:
    texts = ("A cat sleeps.", "A dog barks.", "A hen lays eggs.")
    first = api.add(name, *texts)["documents"][0]["id"]
    api.ingest()
    live = search(api, name, query="an animal").json()
    second = build_second(name, api.services, without=[first])

    assert search(api, name, query="an animal").json()["hits"] == live["hits"]
    other = search(api, name, query="an animal", indexes="building", limit=1).json()
    assert other["total"] == 2
    following = {"cursor": other["cursor"], "limit": 5}
    assert len(search(api, name, **following, indexes="building").json()["hits"]) == 1
    assert (
        "expired"
        in assert_problem(search(api, name, **following), 422, "invalid_request")["detail"]
    )

    cosines = {hit["id"]: hit["parts"][0]["cosine"] for hit in live["hits"]}
    (hit,) = other["hits"]
    assert hit["parts"][0]["cosine"] != pytest.approx(cosines[hit["id"]], abs=1e-4)

    problem = assert_problem(search(api, name, query="x", indexes="retired"), 409, "conflict")
    assert "has no retired index" in problem["detail"]
    api.services.records.indexes.give_roles({second.id: Role.RETIRED})
    assert search(api, name, query="x", indexes="retired").json()["total"] == 2


def test_readers_do_not_compare(logging: World) -> None:
    name = logging.collection()
    logging.add(name, "A cat sleeps.")
    logging.ingest()
    build_second(name, logging.services)
    _, key = logging.services.records.keys.create("reader", [Scope.READ])
    reader = {"authorization": f"Bearer {key}"}
    url = f"/v1/collections/{name}"

    answers = [
        logging.client.post(
            f"{url}/search", json={"query": "x", "indexes": "building"}, headers=reader
        ),
        logging.client.get(f"{url}/compare", headers=reader),
        logging.client.post(f"{url}/compare/jobs", json={}, headers=reader),
        logging.client.post(f"{url}/jobs", json={"kind": "compare"}, headers=reader),
        logging.client.get(f"{url}/query-log", headers=reader),
    ]
    for answer in answers:
        assert_problem(answer, 403, "forbidden")
    assert logging.client.get(f"{url}/compare").status_code == 200
    assert (
        logging.client.post(f"{url}/search", json={"query": "x"}, headers=reader).status_code == 200
    )


def test_marks_are_counted_for_the_pair_whichever_is_live(api: World, name: str) -> None:
    api.add(name, "A cat sleeps.")
    api.ingest()
    second = build_second(name, api.services)
    url = f"/v1/collections/{name}/compare"
    for number in range(7):
        body = {"query": f"question {number}", "better": "other", "blind": number > 0}
        assert api.client.post(f"{url}/marks", json=body).status_code == 200
    api.client.post(f"{url}/marks", json={"query": "question 0", "better": "live"})
    api.client.post(f"{url}/marks", json={"query": "question 8", "better": "same"})

    found = api.client.get(url).json()
    counts = {key: found["tally"][key] for key in ("live", "other", "same", "blind")}
    assert counts == {"live": 1, "other": 6, "same": 1, "blind": 6}
    assert found["tally"]["chance"] == pytest.approx(16 / 128)
    assert "no difference can be told with 8 marks" in found["tally"]["verdict"]
    assert (found["documents"], found["held"], found["comparison"]) == (1, 1, None)
    assert found["other"]["role"] == "building"
    assert len(api.client.get(f"/v1/collections/{name}/queries").json()["queries"]) == 8

    (live,) = api.services.records.collections.find(name).spaces
    api.services.records.indexes.give_roles({live.id: Role.RETIRED, second.id: Role.LIVE})
    swapped = api.client.get(url).json()["tally"]
    assert (swapped["live"], swapped["other"]) == (6, 1)
    api.client.delete(f"{url}/marks")
    assert api.client.get(url).json()["tally"]["verdict"] == ""


def test_what_is_asked_is_kept_only_where_the_operator_says_so(api: World, name: str) -> None:
    search(api, name, query="a secret")
    api.client.delete(f"/v1/collections/{name}/query-log")  # which writes what was gathered first
    search(api, name, query="a secret")
    found = api.client.get(f"/v1/collections/{name}/query-log").json()
    assert found == {"on": False, "queries": []}


def test_the_newest_queries_are_kept_without_who_asked(logging: World) -> None:
    name = logging.collection()
    asked: list[dict[str, Any]] = [
        {"query": "first"},
        {"query": "second"},
        {"query": "third", "targets": ["image"]},
        {"query": "second"},
        {"query": "fourth", "offset": 1},  # the following page of what was asked before
        {"query": "x" * 1001},
    ]
    for body in asked:
        assert search(logging, name, **body).status_code == 200
    logging.client.app.state.context.asked.flush()  # type: ignore[attr-defined]

    url = f"/v1/collections/{name}/query-log"
    found = logging.client.get(url).json()
    assert found["on"] is True
    assert [(one["words"], one["times"], one["targets"]) for one in found["queries"]] == [
        ("second", 2, None),
        ("third", 1, ["image"]),
    ]
    assert set(found["queries"][0]) == {"words", "parts", "targets", "times", "asked_at"}
    assert logging.client.delete(url).json() == {"forgotten": 2}
    assert logging.client.get(url).json()["queries"] == []


def test_switched_off_it_is_forgotten_at_the_next_start(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> None:
    folder = tmp_path_factory.mktemp("switched")
    with open_world(folder, redis_url, BagsOfWords(), query_log=5) as world:
        name = world.collection()
        search(world, name, query="remember me")
    with open_world(folder, redis_url, BagsOfWords(), query_log=5) as world:
        found = world.client.get(f"/v1/collections/{name}/query-log").json()["queries"]
        assert [one["words"] for one in found] == ["remember me"]  # written as the process ended
    with open_world(folder, redis_url, BagsOfWords()) as world:
        assert world.client.get(f"/v1/collections/{name}/query-log").json()["queries"] == []
