"""Health, readiness, figures, and what holds for every route."""

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from samespace.encoders.load import Encoders
from samespace.store.records.workers import Worker
from tests.api.world import World, assert_problem, open_world


def test_it_lives(api: World) -> None:
    assert api.client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_once_the_encoders_are_loaded(api: World) -> None:
    deadline = time.monotonic() + 60
    while (response := api.client.get("/readyz")).status_code == 503:
        assert response.json()["checks"]["encoders"] == "loading"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    checks = response.json()["checks"]
    assert {name for name, said in checks.items() if said != "ok"} <= {"workers"}


def test_it_says_that_no_worker_lives_and_answers_all_the_same(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    with open_world(tmp_path, redis_url, encoders, lease_seconds=20) as world:
        wait_until_warm(world)
        said = "none was heard of for 20 s; what is added is kept and waits for one"
        response = world.client.get("/readyz")
        assert response.status_code == 200
        assert response.json()["status"] == "no_worker"
        assert response.json()["checks"]["workers"] == said
        assert world.client.get("/v1/status").json()["checks"]["workers"] == said

        def heard_of(seen_at: float) -> dict[str, Any]:
            worker = Worker("w1", socket.gethostname(), os.getpid(), {}, seen_at, seen_at)
            world.services.records.workers.report(worker)
            answer: dict[str, Any] = world.client.get("/readyz").json()
            return answer

        assert heard_of(time.time() - 21)["status"] == "no_worker"
        alive = heard_of(time.time() - 5)
        assert (alive["status"], alive["checks"]["workers"]) == ("ok", "ok")


def test_a_full_disk_is_said_before_a_missing_worker(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    with open_world(tmp_path, redis_url, encoders, min_free_mb=10**9) as world:
        wait_until_warm(world)
        response = world.client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (200, "out_of_space")
        assert "none was heard of" in response.json()["checks"]["workers"]


def wait_until_warm(world: World) -> None:
    deadline = time.monotonic() + 60
    while world.client.get("/readyz").json()["checks"]["encoders"] == "loading":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_is_not_ready_without_its_queue(tmp_path: Path, encoders: Encoders) -> None:
    with open_world(tmp_path, f"unix://{tmp_path}/nobody", encoders) as world:
        response = world.client.get("/readyz")
        assert response.status_code == 503
        checks = response.json()["checks"]
        assert "queue" in checks["queue"]
        assert checks["records"] == "ok"
        status = world.client.get("/v1/status").json()
        assert status["queue"] is None
        # What is on record is not lost: the reconciler will tell the queue.
        assert world.add(world.collection(), "Kept.")["documents"][0]["state"] == "queued"
        assert "samespace_documents{" in world.client.get("/metrics").text


def test_the_status_shows_workers_and_documents(api: World, name: str) -> None:
    api.add(name, "One.")
    about = {"encoders": {"starter:0123": {"items": 3, "batches": 1, "slots": 4, "seconds": 0.5,
                                           "waiting": 0, "halvings": 0}}}  # fmt: skip
    now = time.time()
    worker = Worker("w1", socket.gethostname(), os.getpid(), about, now, now)
    api.services.records.workers.report(worker)
    status = api.client.get("/v1/status").json()
    assert status["documents"]["queued"] >= 1
    assert status["queue"] == 1
    assert status["workers"][0]["id"] == "w1"
    assert status["checks"]["index"] == "ok"

    text = api.client.get("/metrics").text
    assert 'samespace_documents{state="queued"}' in text
    assert 'samespace_documents_accepted_total{outcome="created"}' in text
    assert "samespace_queue_length 1.0" in text
    assert "samespace_workers 1.0" in text
    assert 'samespace_encode_batch_fill{process="w1",space="starter"} 0.75' in text
    assert 'route="/v1/collections/{collection}/documents",status="202"' in text
    assert name not in text


def test_searches_are_timed(api: World, name: str) -> None:
    api.client.post(f"/v1/collections/{name}/search", json={"query": "x"})
    text = api.client.get("/metrics").text
    for phase in ("encode", "index", "total"):
        assert f'samespace_search_seconds_count{{phase="{phase}"}}' in text


def test_every_error_is_a_problem(api: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_problem(api.client.get("/nowhere"), 404, "not_found")
    response = api.client.put("/v1/collections", json={})
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"]
    monkeypatch.setattr(api.services.index, "count", lambda _: 1 / 0)
    problem = assert_problem(api.client.get(f"/v1/collections/{name}"), 500, "error")
    assert "ZeroDivisionError" in problem["detail"]


def test_the_api_describes_itself(api: World) -> None:
    described = api.client.get("/openapi.json").json()
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert {"add_documents", "search_collection", "follow_job", "create_embeddings"} <= set(ids)
    assert all(operation["tags"] and operation["description"] for operation in operations)
    schemas = described["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    for reference in _references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas
    body = described["paths"]["/v1/collections/{collection}/search"]["post"]["requestBody"]
    assert set(body["content"]) == {"application/json", "multipart/form-data"}


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {str(value) for key, value in node.items() if key == "$ref"}
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()
