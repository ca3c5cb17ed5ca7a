"""Another model for a collection: built, swapped, gone back on, given up; over the API, with a worker beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.change_model import finish_given_up
from samespace.core.types import State
from samespace.operations.verify import verify
from samespace.store.records import Collection, Document, Role
from tests.api.world import Json, World, assert_problem, open_world, png
from tests.workers.two_models import NamedEncoders
from workers.due import submit_due
from workers.process import Process
from workers.run_job import run_job

NEW = "clip"
TEXTS = [f"Lighthouse {number} stands on a rock." for number in range(12)]


@pytest.fixture
def world(tmp_path: Path, redis_url: str) -> Iterator[World]:
    encoders = NamedEncoders()
    with open_world(tmp_path, redis_url, encoders, search_seconds=0.5) as world:
        yield world
    encoders.close()


@pytest.fixture
def process(world: World) -> Process:
    return Process(world.services, world.queue, owner="worker")


@pytest.fixture
def name(world: World) -> str:
    """A collection with texts and a picture."""
    made = world.collection()
    world.add(made, *TEXTS)
    world.client.post(
        f"/v1/collections/{made}/documents", files=[("file", ("red.png", png("red")))]
    )
    world.ingest()
    return made


def ask(world: World, name: str, verb: str = "", **body: Any) -> Json:
    response = world.client.post(f"/v1/collections/{name}/model{verb}", json=body)
    assert response.is_success, response.text
    answer: Json = response.json()
    return answer


def state(world: World, name: str) -> Json:
    found: Json = world.client.get(f"/v1/collections/{name}/model").json()
    return found


def work(world: World, process: Process) -> list[str]:
    """Do the jobs that wait; answers their states afterwards."""
    jobs = world.services.records.jobs
    waiting = jobs.waiting(silent_for=-1)
    for job in waiting:
        run_job(job, process)
    return [str(jobs.get(job.id).state) for job in waiting]


def found(world: World, name: str, query: str) -> list[str]:
    response = world.client.post(f"/v1/collections/{name}/search", json={"query": query})
    assert response.is_success, response.text
    assert not response.json()["partial"]
    return [hit["text"] or hit["document"]["name"] for hit in response.json()["hits"]]


def collection_of(world: World, name: str) -> Collection:
    return world.services.records.collections.find(name)


def build(world: World, process: Process, name: str, **more: Any) -> None:
    ask(world, name, model=NEW, **more)
    assert work(world, process) == ["ready"]


def give_up(world: World, name: str) -> None:
    assert world.client.delete(f"/v1/collections/{name}/model").is_success


def assert_whole(world: World) -> None:
    assert verify(world.services, grace=-1).differences == ()


def test_the_whole_way(world: World, process: Process, name: str) -> None:
    before = found(world, name, TEXTS[3])
    assert before[0] == TEXTS[3]
    ask(world, name, model=NEW)
    assert state(world, name)["change"]["state"] == "building"
    assert found(world, name, TEXTS[3]) == before
    assert work(world, process) == ["ready"]
    assert state(world, name)["change"]["state"] == "built"
    assert found(world, name, TEXTS[3]) == before
    assert_whole(world)

    answer = ask(world, name, "/swap")
    assert answer["change"]["state"] == "swapped"
    assert answer["preset"] == NEW
    assert {one.name for one in collection_of(world, name).spaces} == {"text", "clip"}
    assert found(world, name, TEXTS[3])[0] == TEXTS[3]
    assert_whole(world)

    world.add(name, "A heron sleeps on one leg.")
    world.ingest()
    assert found(world, name, "A heron sleeps on one leg.")[0] == "A heron sleeps on one leg."
    submit_due(process)
    assert work(world, process) == ["ready"]
    assert ask(world, name, "/back")["change"]["state"] == "built"
    assert collection_of(world, name).preset == "starter"
    assert found(world, name, "A heron sleeps on one leg.")[0] == "A heron sleeps on one leg."
    assert_whole(world)

    ask(world, name, "/swap")
    retired = [one for one in collection_of(world, name).indexes if one.role is Role.RETIRED]
    give_up(world, name)
    assert state(world, name)["change"] is None
    time_passes(world)
    finish_given_up(world.services)
    for one in retired:
        assert not world.services.index.exists(one.index_name)
        assert world.services.vectors.count(one.fingerprint) == 0
    assert found(world, name, TEXTS[3])[0] == TEXTS[3]
    assert_whole(world)


def time_passes(world: World) -> None:
    """Longer than a question is waited for."""
    from sqlalchemy import update

    from samespace.store.records.tables import indexes
    from samespace.store.sql import writing

    with writing(world.services.records.engine) as connection:
        connection.execute(update(indexes).values(changed_at=indexes.c.changed_at - 60))


__all__ = ["Document", "State", "assert_problem"]
