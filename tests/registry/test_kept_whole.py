"""A backup holds the packed models of an installation; on any store, and in any database, they are the same."""

import hashlib
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from samespace.core.errors import Conflict, InvalidRequest, NotFound
from samespace.core.settings import Settings
from samespace.core.types import PACKED, TEXT, Space
from samespace.encoders.packed import KIND, key_of
from samespace.operations.backup.backup import Backup, back_up
from samespace.operations.backup.restore import restore
from samespace.operations.backup.stores import Stores
from samespace.operations.stack import preflight
from samespace.operations.verify import verify
from samespace.registry.add import add_model
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.blobs_s3 import S3Blobs
from samespace.store.records import Origin, Records, RegisteredModel
from samespace.store.records.models import model_of
from samespace.store.sql import open_engine
from tests.registry.host import Host, host
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import collection, database_url, new_collection, records
from tests.store.test_blobs import bucket, endpoint

__all__ = ["bucket", "collection", "database_url", "endpoint", "records"]


def stores(folder: Path) -> Stores:
    folder.mkdir(exist_ok=True)
    urls = (f"sqlite:///{folder / name}" for name in ("records.db", "vectors.db"))
    first, second = (open_engine(url) for url in urls)
    return Stores(first, second, DiskBlobs(folder / "blobs"))


def written(data: Path, file: Path) -> Backup:
    with closing(stores(data)) as of, file.open("wb") as stream:
        return back_up(of, stream, {"set": {}, "secrets": []})


def test_a_backup_has_the_models_and_says_which_it_has_not(
    one: Host, tiny: Path, tmp_path: Path
) -> None:
    made = add_model(str(tiny), one.services, name="mine", licence="MIT").model
    words = one.collection("words", "mine")
    one.add(words, "a heron at dawn")
    done = written(tmp_path / "data", tmp_path / "b.tar")
    assert (done.models, done.is_whole) == (len(set(made.files.values())) + 1, True)
    with closing(stores(tmp_path / "back")) as fresh:
        assert restore(tmp_path / "b.tar", fresh).backup == done
    shutil.rmtree(tiny)
    with host(tmp_path / "back", "three", MemoryIndex()) as back:
        assert list(back.services.blobs.keys(KIND)) == list(one.services.blobs.keys(KIND))
        found = back.services.records.collections.find("words")
        back.services.index.create(found.spaces[0].index_name, found.spaces[0].dim)
        back.add(found, "a boat in a storm")
        assert back.answers(found, "a boat in a storm") == ["a boat in a storm.txt"]

    one.services.blobs.delete(key_of(made.files["modules.json"]))
    without = written(tmp_path / "data", tmp_path / "c.tar")
    assert (without.lost, without.examples) == (1, ["model mine"])


@pytest.mark.slow
def test_models_in_a_bucket(
    tiny: Path, tmp_path: Path, index: MemoryIndex, endpoint: str, bucket: str
) -> None:
    blobs = S3Blobs(bucket, "some", endpoint)
    with host(tmp_path / "data", "one", index, blobs) as one:
        made = add_model(str(tiny), one.services, name="mine", licence="MIT").model
        words = one.collection("words", "mine")
    shutil.rmtree(tiny)
    shutil.rmtree(tmp_path / "data" / "models-of-one")
    with host(tmp_path / "data", "two", index, blobs) as two:
        two.add(words, "a heron at dawn")
        assert two.answers(words, "a heron at dawn") == ["a heron at dawn.txt"]
        assert two.services.encoders.get(made.model.space).fingerprint == made.model.fingerprint
        assert verify(two.services, grace=-1).differences == ()


def registered(name: str, mark: str = "a" * 64) -> RegisteredModel:
    """A packed model, of which there is nothing but what is on record."""
    manifest = hashlib.sha256(mark.encode()).hexdigest()
    space = Space("text", "sentence-transformers", PACKED + manifest, 8, frozenset({TEXT}), 64)
    return RegisteredModel(
        name=name,
        model=model_of(space, mark),
        origin=Origin.TRAINED,
        source="/somewhere",
        manifest=manifest,
        files={"model.safetensors": "1" * 64},
        bytes=1 << 40,
        licence="own",
        card={"figures": {"recall@10": 0.5}},
        created_at=0.0,
    )


def test_what_is_on_record_of_a_model(records: Records) -> None:
    one = registered("one")
    records.registry.add(one, lambda _: True)
    found = records.registry.get("one")
    assert found.created_at > 0
    assert (found.model, found.files, found.card) == (one.model, one.files, one.card)
    assert (found.bytes, found.origin) == (1 << 40, Origin.TRAINED)
    assert records.registry.files() == {"1" * 64: ["one"], str(one.manifest): ["one"]}
    with pytest.raises(Conflict, match="already"):
        records.registry.add(registered("one", "b" * 64), lambda _: True)
    with pytest.raises(Conflict, match="model 'one'"):
        records.registry.add(registered("two"), lambda _: True)
    with pytest.raises(InvalidRequest):
        records.registry.add(registered("no name", "b" * 64), lambda _: True)
    new_collection(records, "c1", "cats", "one", [one.model])
    assert [use.collection for use in records.registry.uses()] == ["cats"]
    with pytest.raises(Conflict, match="collection cats"):
        records.registry.remove("one")
    records.collections.mark_deleted("c1")
    records.registry.remove("one")
    with records.garbage.letting_go(10) as unheld:
        assert unheld.models == sorted({"1" * 64, str(one.manifest)})
    with pytest.raises(NotFound):
        records.registry.get("one")


def test_a_model_may_be_the_default_preset(one: Host, tiny: Path) -> None:
    add_model(str(tiny), one.services, name="mine", licence="MIT")
    mine = one.services.settings.model_copy(update={"preset": "mine"})
    preflight.check_models(mine, lambda _: None)
    with pytest.raises(Exception, match="preset 'yours' is not known"):
        preflight.check_models(mine.model_copy(update={"preset": "yours"}), lambda _: None)
    assert isinstance(mine, Settings)
