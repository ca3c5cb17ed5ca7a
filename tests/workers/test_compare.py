"""Two sets of indexes compared as a job, over real records and the API; models are bags of words, the index is the one
in memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samespace.core.types import TEXT, State
from samespace.store.records import Job, Role
from tests.api.world import World, assert_problem, open_world, png
from tests.second_index import BagsOfWords, build_second
from workers.process import Process
from workers.run_job import start_job

TEXTS = (
    "Rust forms on iron that is left in the rain.",
    "Bread rises because yeast makes gas in the dough.",
    "The night train to Vienna leaves at nine.",
    "Bees find their way home by the sun.",
    "A violin has four strings, tuned in fifths.",
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """An application over models that cost nothing."""
    folder: Path = tmp_path_factory.mktemp("compare")
    with open_world(folder, redis_url, BagsOfWords()) as world:
        yield world


@pytest.fixture
def name(api: World) -> str:
    """A new collection."""
    return api.collection()


@pytest.fixture
def process(api: World) -> Process:
    """A worker without Celery."""
    return Process(api.services, api.queue, owner="worker")


@pytest.fixture
def ids(api: World, name: str) -> list[str]:
    """The documents of a collection with five texts and a picture."""
    added = api.add(name, *TEXTS)
    api.send(name, [("red.png", png("red"))])
    api.ingest()
    return [one["id"] for one in added["documents"]]


def compare(api: World, name: str, process: Process, **body: Any) -> Job:
    """The job, done."""
    response = api.client.post(f"/v1/collections/{name}/compare/jobs", json=body)
    assert response.status_code == 202, response.text
    start_job(response.json()["job_id"], process)
    return api.services.records.jobs.get(response.json()["job_id"])


def result(job: Job) -> Any:
    """What it came to."""
    assert job.state is State.READY, job.reason
    return job.result


def test_a_comparison_of_a_second_index(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    second = build_second(name, api.services)
    api.client.post(f"/v1/collections/{name}/queries", json={"query": "an instrument"})
    judged = [{"parts": [{"text": "music"}], "right": [ids[4]]}]

    found = result(compare(api, name, process, judged=judged, sample=4))

    assert [(one["source"], one["queries"]) for one in found["agreement"]] == [
        ("kept", 1),
        ("file", 1),
        ("passages", 4),
        ("pictures", 1),
    ]
    assert all(0 <= one["overlap"]["value"] <= 1 for one in found["agreement"])
    assert found["agreement"][3]["overlap"]["value"] == 1.0  # six items: all of them but itself
    assert (found["queries"], found["skipped"], found["left_out"], found["p"]) == (7, 0, 0, 0.9)
    assert [one["queries"] for one in found["judged"]] == [1]
    assert set(found["judged"][0]["measures"]) == {
        "recall@1",
        "recall@5",
        "recall@10",
        "mrr",
        "ndcg@10",
    }
    assert "1 judged query, which is too few" in found["verdicts"][0]
    live, other = found["live"], found["other"]
    assert (live["role"], other["role"]) == ("live", "building")
    assert other["indexes"][0]["id"] == second.id
    assert other["indexes"][0]["items"] == 6
    assert other["indexes"][0]["bytes"] == 6 * 4 * second.dim
    for side in (live, other):
        assert 0 < side["p50_ms"] <= side["p95_ms"]
        assert side["timed"] == 49
        assert side["vectors_per_second"]["text"] > 0


def test_an_index_with_the_same_vectors_answers_the_same(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services, same_vectors=True)

    found = result(compare(api, name, process))

    assert [one["overlap"] for one in found["agreement"]] == [
        {"value": 1.0, "low": 1.0, "high": 1.0}
    ] * 2
    assert all(one["rbo"]["value"] == pytest.approx(1.0) for one in found["agreement"])
    assert found["moved"] == []


def test_a_collection_with_one_index_says_how_to_make_another(api: World, name: str) -> None:
    for response in (
        api.client.post(f"/v1/collections/{name}/compare/jobs", json={}),
        api.client.get(f"/v1/collections/{name}/compare"),
    ):
        problem = assert_problem(response, 409, "conflict")
        assert f"samespace collections model {name}" in problem["detail"]


def test_an_index_that_lacks_much_is_compared_only_over_what_both_hold(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services, without=ids[:2])

    refused = api.client.post(f"/v1/collections/{name}/compare/jobs", json={})
    assert "holds 4 of 6 documents" in assert_problem(refused, 409, "conflict")["detail"]

    found = result(compare(api, name, process, partial=True))
    assert (found["documents"], found["left_out"]) == (6, 2)
    assert found["agreement"][0]["queries"] == 3
    assert all(one["overlap"]["value"] == 1.0 for one in found["agreement"])
    assert "2 of 6 documents are in the live index alone" in found["warnings"][0]


def test_a_retired_index_is_compared_too(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services, role=Role.RETIRED)

    found = result(compare(api, name, process, sample=2))

    assert (found["live"]["role"], found["other"]["role"]) == ("live", "retired")


def test_nothing_to_ask_is_said(api: World, name: str, process: Process, ids: list[str]) -> None:
    build_second(name, api.services)

    job = compare(api, name, process, sample=0)

    assert job.state is State.FAILED
    assert "there is nothing to ask" in str(job.reason)


def test_judgements_of_unknown_documents_are_refused_by_name(
    api: World, name: str, ids: list[str]
) -> None:
    build_second(name, api.services)
    judged = [{"parts": [{"text": "music"}], "right": [ids[0], "nobody"]}]

    response = api.client.post(f"/v1/collections/{name}/compare/jobs", json={"judged": judged})

    problem = assert_problem(response, 422, "invalid_request")
    assert "does not hold, such as 'nobody'" in problem["detail"]


def test_a_document_asks_with_its_first_item_and_is_no_answer(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services)
    judged = [{"parts": [{"document": ids[0]}], "right": [ids[0], ids[1]]}]

    found = result(compare(api, name, process, judged=judged, sample=0))

    assert found["judged"][0]["measures"]["recall@10"]["live"] == 1.0


def test_marks_of_people_are_measured(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services)
    kept = api.client.post(
        f"/v1/collections/{name}/queries", json={"query": "violin strings"}
    ).json()
    path = f"/v1/collections/{name}/queries/{kept['id']}/documents"
    api.client.put(f"{path}/{ids[4]}", json={"good": True})
    api.client.put(f"{path}/{ids[0]}", json={"good": False})

    (judged,) = result(compare(api, name, process, sample=0))["judged"]

    assert (judged["source"], judged["queries"]) == ("marks", 1)
    assert judged["measures"]["recall@1"]["live"] == 1.0
    assert judged["judged_live"] == pytest.approx(2 / 6)


def test_it_is_stopped_when_it_is_called_off(
    api: World, name: str, process: Process, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_second(name, api.services)
    original = api.services.records.jobs.progress

    def cancelled_meanwhile(*arguments: Any) -> bool:
        api.services.records.jobs.cancel(arguments[0])
        return original(*arguments)

    monkeypatch.setattr(api.services.records.jobs, "progress", cancelled_meanwhile)
    assert compare(api, name, process).state is State.CANCELLED


def test_what_the_other_model_does_not_take_is_said(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    (live,) = api.services.records.collections.find(name).spaces
    words = replace(live.space, name="words", model="words", modalities=frozenset({TEXT}))
    build_second(name, api.services, space=words)

    found = result(compare(api, name, process))

    assert [one["source"] for one in found["agreement"]] == ["passages"]
    assert found["warnings"] == ["words (building) takes no pictures, and finds none"]
    assert found["other"]["vectors_per_second"].keys() == {"text"}


def test_a_kept_query_that_cannot_be_asked_any_more_is_counted(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services)
    kept = {"parts": [{"item": "0f5a"}]}
    assert api.client.post(f"/v1/collections/{name}/queries", json=kept).status_code == 201

    found = result(compare(api, name, process, sample=1))

    assert (found["queries"], found["skipped"]) == (2, 1)
    assert found["warnings"][0].endswith("that one model does not take: 1")


def test_what_is_forgotten_is_not_named_by_the_last_comparison(
    api: World, name: str, process: Process, ids: list[str]
) -> None:
    build_second(name, api.services)
    url = f"/v1/collections/{name}"
    query = api.client.post(f"{url}/queries", json={"query": "strings in the rain"}).json()["id"]
    job = compare(api, name, process, sample=0)
    assert [one["words"] for one in result(job)["moved"]] == ["strings in the rain"]

    api.client.delete(f"{url}/queries/{query}")

    assert api.client.get(f"{url}/compare").json()["comparison"]["moved"] == []
    assert api.client.get(f"/v1/jobs/{job.id}").json()["result"]["moved"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"parts": [{"text": " "}], "right": ["d"]}, "empty text"),
        ({"parts": [{"text": "a"}], "right": ["d"], "targets": ["smell"]}, "smell"),
        ({"parts": [{"text": "a", "item": "b"}], "right": ["d"]}, "exactly one"),
        ({"parts": [{"text": "a"}], "right": []}, "right"),
    ],
)
def test_judged_queries_that_could_not_be_asked_are_refused(
    api: World, name: str, ids: list[str], body: dict[str, Any], said: str
) -> None:
    build_second(name, api.services)
    body["right"] = [ids[0] for _ in body["right"]]

    response = api.client.post(f"/v1/collections/{name}/compare/jobs", json={"judged": [body]})

    assert said in str(assert_problem(response, 422, "invalid_request"))
