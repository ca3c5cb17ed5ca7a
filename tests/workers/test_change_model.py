"""Another model for a collection: built, swapped, gone back on, given up; over the API, with a worker beside it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ingest import build as filling
from ingest.change_model import finish_given_up, give_up_expired
from ingest.embed import ingest_documents
from ingest.release import release
from samespace.core.errors import Unavailable
from samespace.core.faults import arm
from samespace.core.types import IMAGE, State
from samespace.encoders.presets import BGE_SMALL, PRESETS
from samespace.operations.verify import verify
from samespace.store.records import Collection, Role
from samespace.store.records.tables import garbage, indexes, jobs, model_changes, models
from samespace.store.sql import writing
from tests.api.world import Json, World, assert_problem, open_world, png
from tests.workers.two_models import BROKEN, NamedEncoders
from workers.due import submit_due
from workers.kinds import build as build_kind
from workers.process import Process
from workers.run_job import run_job

NEW = "clip"
TEXTS = [f"Lighthouse {number} stands on a rock." for number in range(12)]


@pytest.fixture
def world(tmp_path: Path, redis_url: str) -> Iterator[World]:
    encoders = NamedEncoders()
    with open_world(tmp_path, redis_url, encoders) as world:
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


def new_collection(world: World, preset: str) -> str:
    body = {"name": f"of-{preset}", "preset": preset}
    assert world.client.post("/v1/collections", json=body).is_success
    return body["name"]


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
    assert ask(world, name, "/back")["change"]["waits_for"] == "back"
    assert work(world, process) == ["ready"]
    assert state(world, name)["change"]["state"] == "built"
    assert collection_of(world, name).preset == "starter"
    assert found(world, name, "A heron sleeps on one leg.")[0] == "A heron sleeps on one leg."
    assert_whole(world)

    ask(world, name, "/swap")
    retired = [one for one in collection_of(world, name).indexes if one.role is Role.RETIRED]
    give_up(world, name)
    assert state(world, name)["change"] is None
    finish_given_up(world.services)
    # A question that began before the swap may still be at it.
    assert all(world.services.index.exists(one.index_name) for one in retired)
    time_passes(world)
    finish_given_up(world.services)
    for one in retired:
        assert not world.services.index.exists(one.index_name)
        assert world.services.vectors.count(one.fingerprint) == 0
    assert found(world, name, TEXTS[3])[0] == TEXTS[3]
    assert_whole(world)


def time_passes(world: World) -> None:
    """Longer than a question is waited for."""
    with writing(world.services.records.engine) as connection:
        connection.execute(update(indexes).values(changed_at=indexes.c.changed_at - 60))


def mark_deleted(world: World, name: str, text: str) -> str:
    """Doom the document of this text, as a deletion does before its rows go."""
    records, collection = world.services.records, collection_of(world, name)
    [doc] = [
        one
        for one in records.documents.page(collection.id, limit=1000)
        if text in found_texts(world, collection, one.id)
    ]
    records.documents.mark_deleted(collection.id, [doc.id])
    return doc.id


def found_texts(world: World, collection: Collection, document_id: str) -> list[str]:
    rows = world.services.index.scan(collection.spaces[0].index_name)
    return [
        row.item.text for some, _ in rows for row in some if row.item.document_id == document_id
    ]


def beside(world: World, name: str) -> list[str]:
    return [
        one.index_name for one in collection_of(world, name).indexes if one.role is not Role.LIVE
    ]


def test_a_document_that_is_deleted_while_it_is_written_stays_gone(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows went from all indexes before the filling wrote them."""
    doomed: list[str] = []
    upsert = world.services.index.upsert

    def late(index: str, rows: Any, vectors: Any) -> None:
        if not doomed:
            doomed.append(mark_deleted(world, name, TEXTS[5]))
            for one in collection_of(world, name).indexes:
                world.services.index.delete(one.index_name, doomed)
        upsert(index, rows, vectors)

    monkeypatch.setattr(world.services.index, "upsert", late)
    build(world, process, name)
    for index in beside(world, name):
        rows = [row for some, _ in world.services.index.scan(index) for row in some]
        assert rows
        assert doomed[0] not in {row.item.document_id for row in rows}
    assert_whole(world)


def test_what_a_filling_that_died_wrote_of_documents_that_went_is_swept(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_kind, "_PATIENCE_SECONDS", 0)
    ask(world, name, model=NEW)
    [job] = world.services.records.jobs.waiting(silent_for=-1)
    arm("build.written=full")
    run_job(job, process)
    arm("")
    # As it would be had it died: rows are written, nothing is noted, and a document is deleted before it is begun anew.
    gone = world.services.records.documents.page(collection_of(world, name).id, limit=1)[0].id
    world.services.records.documents.mark_deleted(collection_of(world, name).id, [gone])
    world.services.records.documents.remove(gone)
    world.services.index.delete(collection_of(world, name).spaces[0].index_name, [gone])
    with writing(world.services.records.engine) as connection:
        connection.execute(update(jobs).values(state=State.QUEUED, owner=None, attempt=1))
    assert work(world, process) == ["ready"]
    with writing(world.services.records.engine) as connection:
        connection.execute(update(garbage).values(not_before=0))
    release(world.services)
    assert_whole(world)


def test_a_turn_that_began_before_the_swap_is_taken_again_after_it(
    world: World, process: Process, name: str
) -> None:
    """It wrote for the index of before, which nobody asks by now."""
    build(world, process, name)
    records, collection = world.services.records, collection_of(world, name)
    world.add(name, "Otters dive for crabs.")
    waiting = records.documents.page(collection.id, state=State.QUEUED, limit=10)
    claimed = records.claims.claim([doc.id for doc in waiting], "test", 60)
    swapped: list[bool] = []

    def swap() -> bool:
        if not swapped:
            swapped.append(not records.model_changes.switch(collection, to_new=True))
        return False

    assert ingest_documents(claimed, world.services, must_stop=swap) == []
    assert swapped == [True]
    assert records.documents.many([claimed[0].id])[claimed[0].id].state is State.QUEUED
    assert found(world, name, TEXTS[0])[0] == TEXTS[0]
    assert_whole(world)
    world.ingest()
    assert found(world, name, "Otters dive for crabs.")[0] == "Otters dive for crabs."
    assert_whole(world)


def test_a_document_that_the_model_cannot_take_is_named_and_keeps_the_swap_from_happening(
    world: World, process: Process, name: str
) -> None:
    world.add(name, "Much poison lies here.")
    world.ingest()
    build(world, process, name)
    change = state(world, name)["change"]
    assert (change["state"], change["lacking"], change["failed_total"]) == ("built", 0, 1)
    assert "length nan" in change["failed"][0]["reason"]
    refused = world.client.post(f"/v1/collections/{name}/model/swap", json={})
    assert "length nan" in assert_problem(refused, 409, "conflict")["detail"]
    assert collection_of(world, name).preset == "starter"

    assert ask(world, name, "/swap", force=True)["change"]["state"] == "swapped"
    documents = world.client.get(f"/v1/collections/{name}/documents").json()["documents"]
    [warned] = [one for one in documents if one["warnings"]]
    assert warned["warnings"][0].startswith("space 'text' does not know it: ")
    assert found(world, name, TEXTS[0])[0] == TEXTS[0]
    assert_whole(world)

    assert ask(world, name, "/back")["change"]["state"] == "built"
    documents = world.client.get(f"/v1/collections/{name}/documents").json()["documents"]
    assert not any(one["warnings"] for one in documents)
    assert found(world, name, "Much poison lies here.")[0] == "Much poison lies here."


def test_a_build_that_is_cancelled_takes_along_what_it_built(
    world: World, process: Process, name: str
) -> None:
    job = ask(world, name, model=NEW)["change"]["job_id"]
    built = beside(world, name)
    assert world.client.post(f"/v1/jobs/{job}/cancel").json() == {"cancelled": [job]}
    assert state(world, name)["change"] is None
    submit_due(process)
    assert work(world, process) == []
    time_passes(world)
    finish_given_up(world.services)
    assert not any(map(world.services.index.exists, built))
    assert world.services.records.indexes.given_up() == []
    assert_whole(world)


def test_it_waits_while_its_collection_is_paused(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, name, model=NEW)
    paused: list[bool] = []

    def pause(*_: object) -> bool:
        if not paused:
            paused.append(world.services.records.collections.pause(collection_of(world, name).id))
        return True

    monkeypatch.setattr(filling, "_give_way", pause)
    assert work(world, process) == ["queued"]
    assert work(world, process) == ["queued"]
    world.client.post(f"/v1/collections/{name}/resume")
    assert work(world, process) == ["ready"]
    assert state(world, name)["change"]["state"] == "built"


def test_one_of_several_spaces_is_changed_alone(
    world: World, process: Process, redis_url: str
) -> None:
    name = new_collection(world, "clip")
    world.add(name, *TEXTS)
    world.ingest()
    before = {one.name: one.id for one in collection_of(world, name).spaces}
    ask(world, name, model="multilingual", space="text", swap=True)
    assert work(world, process) == ["ready"]
    after = collection_of(world, name).spaces
    assert [one.name for one in after] == ["text", "clip"]
    assert after[0].space.model == "intfloat/multilingual-e5-small"
    assert after[1].id == before["clip"]
    assert found(world, name, TEXTS[7])[0] == TEXTS[7]
    assert_whole(world)


def test_what_makes_no_sense_is_refused_before_anything_is_built(
    world: World, process: Process, name: str
) -> None:
    url = f"/v1/collections/{name}/model"
    for body, status, said in [
        ({"model": "nowhere"}, 422, "preset 'nowhere' is not known"),
        ({"model": "starter"}, 422, "is embedded by 'starter' already"),
        ({"model": "clip", "space": "sound"}, 422, "has no space 'sound'; it has 'starter'"),
        ({"model": "clip", "space": "starter"}, 422, "has no space 'starter', it has 'text'"),
    ]:
        response = world.client.post(url, json=body)
        assert response.status_code == status, response.text
        assert said in response.json()["detail"]
    for verb in ("/swap", "/back"):
        assert_problem(world.client.post(url + verb, json={}), 404, "not_found")
    assert_problem(world.client.delete(url), 404, "not_found")
    assert beside(world, name) == []
    ask(world, name, model=NEW)
    assert ask(world, name, model=NEW)["change"]["model"] == NEW
    other = world.client.post(url, json={"model": "quality"})
    assert "is being changed to 'clip'" in assert_problem(other, 409, "conflict")["detail"]


def test_what_is_kept_goes_by_itself_when_its_days_are_over(
    world: World, process: Process, name: str
) -> None:
    build(world, process, name, keep_days=2)
    ask(world, name, "/swap")
    give_up_expired(world.services)
    assert state(world, name)["change"]["keep_days"] == 2
    with writing(world.services.records.engine) as connection:
        past = model_changes.c.kept_until - 3 * 24 * 3600
        connection.execute(update(model_changes).values(kept_until=past))
    give_up_expired(world.services)
    time_passes(world)
    finish_given_up(world.services)
    assert state(world, name)["change"] is None
    assert [one["role"] for one in state(world, name)["indexes"]] == ["live", "live"]
    assert_whole(world)


def test_vectors_that_are_known_are_not_made_again(
    world: World, process: Process, name: str
) -> None:
    build(world, process, name)
    ask(world, name, "/swap")
    ask(world, name, "/back")
    for index in beside(world, name):
        world.services.index.drop(index)
    for one in collection_of(world, name).indexes:
        if one.role is not Role.LIVE:
            ids = [doc.id for doc in world.services.records.documents.page(one.collection_id)]
            world.services.records.indexes.forget(one.id, ids)
    ask(world, name, "/swap")
    encoded = world.services.encoders.stats()
    assert work(world, process) == ["ready"]
    assert world.services.encoders.stats() == encoded
    assert found(world, name, TEXTS[2])[0] == TEXTS[2]


def test_a_cursor_goes_on_after_the_swap_and_after_the_old_index_is_gone(
    world: World, process: Process, name: str
) -> None:
    build(world, process, name)
    url = f"/v1/collections/{name}/search"
    first = world.client.post(url, json={"query": TEXTS[1], "limit": 4}).json()
    whole = found(world, name, TEXTS[1])
    ask(world, name, "/swap")
    second = world.client.post(url, json={"cursor": first["cursor"], "limit": 3}).json()
    give_up(world, name)
    time_passes(world)
    finish_given_up(world.services)
    third = world.client.post(url, json={"cursor": second["cursor"], "limit": 3}).json()
    hits = [*first["hits"], *second["hits"], *third["hits"]]
    assert [hit["text"] or hit["document"]["name"] for hit in hits] == whole
    assert not any(answer["partial"] for answer in (first, second, third))


def test_a_trial_says_what_it_would_cost(world: World, process: Process, name: str) -> None:
    response = world.client.post(f"/v1/collections/{name}/model/trial", json={"model": NEW})
    job = response.json()["job_id"]
    assert work(world, process) == ["ready"]
    cost = world.client.get(f"/v1/jobs/{job}").json()["result"]
    # The texts stand in both spaces of the preset, the picture in one.
    assert (cost["items"], cost["to_encode"]) == (25, 25)
    assert cost["dims"] == [384, 512]
    assert cost["seconds"] > 0
    assert cost["bytes"] > 25 * 4 * 384
    assert beside(world, name) == []
    build(world, process, name)
    ask(world, name, "/swap")
    ask(world, name, "/back")
    world.client.post(f"/v1/collections/{name}/model/trial", json={"model": "multilingual"})
    assert work(world, process) == ["ready"]


def test_what_a_model_was_asked_is_marked_once_another_is(
    world: World, process: Process, name: str
) -> None:
    labels = {"labels": ["lighthouse", "heron"]}
    sets = f"/v1/collections/{name}/labelsets"
    world.client.put(f"{sets}/cut", json={**labels, "threshold": 0.3})
    world.client.put(f"{sets}/plain", json=labels)
    job = world.client.post(f"/v1/collections/{name}/classify/jobs", json=labels).json()["job_id"]
    assert work(world, process) == ["ready"]

    def stale() -> tuple[list[bool], bool]:
        kept = world.client.get(sets).json()["labelsets"]
        result = world.client.get(f"/v1/jobs/{job}").json()["result"]
        return [one["stale"] for one in kept], result["stale"]

    assert stale() == ([False, False], False)
    build(world, process, name)
    assert stale() == ([False, False], False)
    ask(world, name, "/swap")
    assert stale() == ([True, False], True)
    ask(world, name, "/back")
    assert stale() == ([False, False], False)


def test_documents_say_of_which_items_the_new_model_knows_only_the_beginning(
    world: World, process: Process
) -> None:
    name = world.collection()
    world.add(name, "word " * 100)
    world.ingest()
    url = f"/v1/collections/{name}/documents"
    assert world.client.get(url).json()["documents"][0]["warnings"] == []
    build(world, process, name)
    ask(world, name, "/swap")
    [document] = world.client.get(url).json()["documents"]
    assert document["warnings"] == [
        "space 'clip' knows only the beginnings of 1 of 1 items: they are longer than it takes"
    ]
    [item] = world.client.get(f"{url}/{document['id']}/items").json()["items"]
    assert item["cut_in"] == ["clip"]
    ask(world, name, "/back")
    assert world.client.get(url).json()["documents"][0]["warnings"] == []


def test_a_model_that_vanishes_is_named(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(world, name, model=NEW)["change"]["job_id"]

    def gone(*_: object) -> None:
        raise Unavailable("no such folder")

    monkeypatch.setattr(filling, "open_encoder", gone)
    monkeypatch.setattr(build_kind, "_PATIENCE_SECONDS", 0)
    with writing(world.services.records.engine) as connection:
        connection.execute(update(jobs).values(attempt=50))
    work(world, process)
    reason = world.client.get(f"/v1/jobs/{job}").json()["reason"]
    assert reason == (
        "index 'text' of model 'BAAI/bge-small-en-v1.5' cannot be filled: no such folder"
    )
    submit_due(process)
    assert work(world, process) == []
    assert found(world, name, TEXTS[0])[0] == TEXTS[0]


def test_pictures_come_out_of_their_originals_again(
    world: World, process: Process, name: str
) -> None:
    build(world, process, name)
    clip = next(one for one in collection_of(world, name).indexes if one.name == "clip")
    rows = [row for some, _ in world.services.index.scan(clip.index_name) for row in some]
    assert [row.item.modality for row in rows].count(IMAGE) == 1
    ask(world, name, "/swap")
    answer = world.client.post(
        f"/v1/collections/{name}/search",
        data={"request": '{"parts": [{"image_file": 0}], "limit": 1}'},
        files=[("image", ("red.png", png("red")))],
    )
    assert answer.is_success, answer.text
    assert answer.json()["hits"][0]["document"]["name"] == "red.png"


def test_a_swap_comes_about_though_documents_never_stop_coming(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, came = world.services.records, count()

    def one_more(*_: object) -> bool:
        world.add(name, f"Otter {next(came)} dives.")
        claimed = records.claims.claim_next("other", 60, 16)
        ingest_documents(claimed, world.services, must_stop=lambda: False)
        return True

    monkeypatch.setattr(filling, "_give_way", one_more)
    build(world, process, name, swap=True)
    assert state(world, name)["change"]["state"] == "swapped"
    assert not any(one["failed"] for one in state(world, name)["indexes"])
    world.ingest()
    assert_whole(world)


def test_a_collection_whose_own_model_is_gone_moves_to_another(
    world: World, process: Process, name: str
) -> None:
    """What it is searched by was made by other weights than this release has."""
    records = world.services.records
    with writing(records.engine) as connection:
        connection.execute(update(models).values(fingerprint="0" * 64))
    records.collections._models.clear()
    gone = world.client.post(f"/v1/collections/{name}/search", json={"query": "otter"})
    assert_problem(gone, 409, "fingerprint_mismatch")
    build(world, process, name, swap=True)
    assert found(world, name, TEXTS[4])[0] == TEXTS[4]


def test_a_collection_without_documents_is_swapped_before_anything_was_built(
    world: World, process: Process
) -> None:
    name = world.collection()
    ask(world, name, model=NEW)
    assert ask(world, name, "/swap")["change"]["state"] == "swapped"
    assert found(world, name, "anything") == []
    world.add(name, "An otter dives.")
    world.ingest()
    assert found(world, name, "An otter dives.") == ["An otter dives."]
    assert_whole(world)


def test_a_model_that_is_of_no_use_is_refused_before_anything_is_built(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, "words", (BGE_SMALL,))
    url = f"/v1/collections/{name}/model"
    for model, code, said in [
        ("quality", "invalid_request", f"{BROKEN!r} cannot be used: of text, it makes a vector"),
        ("words", "unsupported", "takes nothing of modality image, and collection"),
    ]:
        response = world.client.post(url, json={"model": model})
        assert (response.json()["code"], said in response.json()["detail"]) == (code, True)
        tried = world.client.post(f"{url}/trial", json={"model": model}).json()["job_id"]
        assert work(world, process) == ["failed"]
        assert said in world.client.get(f"/v1/jobs/{tried}").json()["reason"]
    assert beside(world, name) == []
    assert state(world, name)["change"] is None


def test_a_turn_whose_index_was_given_up_meanwhile_fails_nothing(
    world: World, process: Process, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was so slow that what it began to write for is gone by then."""
    build(world, process, name)
    records, collection = world.services.records, collection_of(world, name)
    world.add(name, "Otters dive for crabs.")
    claimed = records.claims.claim_next("test", 60, 16)

    def swap() -> bool:
        if records.model_changes.find(collection.id):
            ask(world, name, "/swap")
            give_up(world, name)
            time_passes(world)
            finish_given_up(world.services)
        return False

    assert ingest_documents(claimed, world.services, must_stop=swap) == []
    [doc] = [records.documents.get(collection.id, claimed[0].id)]
    assert (doc.state, doc.reason, doc.attempt) == (State.QUEUED, None, 0)
    world.ingest()
    assert found(world, name, "Otters dive for crabs.")[0] == "Otters dive for crabs."
    assert_whole(world)
