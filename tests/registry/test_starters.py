"""Another release brings another starter: collections go on with the one that made their vectors."""

from pathlib import Path
from typing import cast

import pytest
import torch
from sqlalchemy import update

from samespace.core.errors import Conflict, FingerprintMismatch
from samespace.encoders import starter
from samespace.encoders.opening import open_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.tower import Tower, read_tower, write_tower
from samespace.operations.models import look, settle
from samespace.operations.verify import verify
from samespace.registry.starters import keep_starters, outdated, settle_starters
from samespace.store.records.tables import collections
from samespace.store.sql import writing
from tests.data.releases import unpack
from tests.registry.host import Host, host
from tests.store.memory_index import MemoryIndex
from workers.background import keep
from workers.process import Process
from workers.submit import Queue

NEVER = 10.0**9


@pytest.fixture(scope="session")
def other_tower(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of another release's tower."""
    file = tmp_path_factory.mktemp("tower") / "starter_tower.safetensors"
    mine = read_tower(starter.TOWER_FILE)
    torch.manual_seed(0)
    weights = {
        name: value + 0.01 * torch.randn(value.shape) if value.ndim > 1 else value
        for name, value in mine.weights.items()
    }
    write_tower(
        file, Tower(weights, mine.vision_cfg, mine.preprocess_cfg, mine.logit_scale, "other")
    )
    return file


def replaced(monkeypatch: pytest.MonkeyPatch, tower: Path) -> None:
    """From here on this is a release with another tower."""
    monkeypatch.setattr(starter, "TOWER_FILE", tower)


def test_a_collection_goes_on_with_the_starter_it_was_made_with(
    one: Host,
    tmp_path: Path,
    index: MemoryIndex,
    other_tower: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = one.collection("old", "starter")
    one.add(old, "a heron at dawn", "an invoice of May")
    [name] = keep_starters(one.services)
    assert keep_starters(one.services) == []
    registry = one.services.records.registry
    kept = registry.get(name)
    assert (kept.origin, kept.model.fingerprint) == ("kept", old.spaces[0].fingerprint)
    assert outdated(registry) == []
    settle_starters(registry)
    assert one.services.records.collections.find("old").spaces[0].space == STARTER
    with pytest.raises(Conflict, match="used by collection old"):
        registry.remove(name)
    assert verify(one.services, grace=-1).differences == ()

    replaced(monkeypatch, other_tower)
    with host(tmp_path / "data", "two", index) as two:
        assert (
            look(two.services.settings)
            == settle(two.services.settings)
            == [
                "collection old goes on with the starter of an earlier release; a better one is here: "
                "samespace collections model old starter"
            ]
        )
        assert two.answers(old, "a heron at dawn")[0] == "a heron at dawn.txt"
        two.add(two.services.records.collections.find("old"), "a boat in a storm")
        assert two.answers(old, "a boat in a storm")[0] == "a boat in a storm.txt"
        assert verify(two.services, grace=-1).differences == ()
        new = two.collection("new", "starter")
        assert new.spaces[0].fingerprint != old.spaces[0].fingerprint
        assert outdated(registry) == ["old"]

        two.services.records.collections.mark_deleted(old.id)
        assert keep_starters(two.services, older_than=NEVER) == []
        assert registry.all() == []
        assert outdated(registry) == []


def test_what_nobody_came_to_keep_is_found_where_this_machine_had_it(
    one: Host,
    tmp_path: Path,
    index: MemoryIndex,
    other_tower: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = one.collection("old", "starter")
    one.add(old, "a heron at dawn")
    assert keep_starters(one.services, older_than=NEVER) == []
    replaced(monkeypatch, other_tower)
    with host(tmp_path / "data", "one", index) as next_release:
        made = old.spaces[0]
        with pytest.raises(FingerprintMismatch):
            open_encoder(made.space, made.fingerprint, next_release.services.encoders)
        assert len(keep_starters(next_release.services)) == 1
        found = next_release.services.records.collections.find("old")
        next_release.add(found, "a boat in a storm")
        assert next_release.answers(old, "a heron at dawn")[0] == "a heron at dawn.txt"


def test_a_worker_keeps_what_is_not_of_a_moment(one: Host) -> None:
    process = Process(one.services, cast(Queue, None))
    one.collection("old", "starter")
    keep(process)
    assert one.services.records.registry.all() == []
    with writing(one.services.records.engine) as connection:
        connection.execute(update(collections).values(created_at=0))
    keep(process)
    assert [each.origin for each in one.services.records.registry.all()] == ["kept"]


def test_one_that_is_nowhere_is_passed_over(
    one: Host,
    tmp_path: Path,
    index: MemoryIndex,
    other_tower: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one.collection("old", "starter")
    replaced(monkeypatch, other_tower)
    with host(tmp_path / "data", "elsewhere", index) as elsewhere:
        assert keep_starters(elsewhere.services) == []
        assert elsewhere.services.records.registry.all() == []


def test_what_release_0_3_0_left_goes_on(
    tmp_path: Path, other_tower: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack("0.3.0", tmp_path / "data")
    with host(tmp_path / "data", "one", MemoryIndex()) as old:
        [name] = keep_starters(old.services, older_than=600)
        made = [one.spaces[0] for one in old.services.records.collections.all()]
        assert {space.fingerprint for space in made} == {
            old.services.records.registry.get(name).model.fingerprint
        }
    replaced(monkeypatch, other_tower)
    with host(tmp_path / "data", "two", MemoryIndex()) as new:
        assert len(settle(new.services.settings)) == 1
        for collection in new.services.records.collections.all():
            space = collection.spaces[0]
            assert new.services.encoders.get(space.space).fingerprint == space.fingerprint
