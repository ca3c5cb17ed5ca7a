"""A folder that was added is a model of every machine: the folder may go, and no machine needs another."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.release import release
from samespace.core import faults
from samespace.core.errors import Conflict, NotFound, Unavailable
from samespace.encoders.packed import KIND, PackedModels, beside, folder_of, key_of
from samespace.operations.verify import verify
from samespace.registry.add import add_model
from samespace.registry.resolve import called
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records import RegisteredModel
from tests.encoders.test_clip import TINY
from tests.encoders.test_clip import folder_of as clip_folder
from tests.registry.host import Host, host
from tests.store.memory_index import MemoryIndex


def stored(one: Host) -> list[str]:
    """The keys of all files of models."""
    return list(one.services.blobs.keys(KIND))


def added(one: Host, folder: Path, name: str = "mine") -> RegisteredModel:
    return add_model(str(folder), one.services, name=name, licence="MIT").model


def test_a_folder_may_go_and_other_machines_have_its_model(
    one: Host, tiny: Path, tmp_path: Path, index: MemoryIndex
) -> None:
    made = add_model(str(tiny), one.services, licence="MIT").model
    assert (made.name, made.origin, made.licence) == ("my-model", "folder", "MIT")
    assert made.model.space.model == f"packed:{made.manifest}"
    assert called([made.model.space], one.services.records) == ["my-model"]
    collection = one.collection("words", "my-model")
    one.add(collection, "a heron at dawn", "an invoice of May")
    shutil.rmtree(tiny)
    with host(tmp_path / "data", "two", index) as two:
        two.add(collection, "a boat in a storm")
        assert two.answers(collection, "a boat in a storm")[0] == "a boat in a storm.txt"
        assert two.answers(collection, "a heron at dawn")[0] == "a heron at dawn.txt"
        assert two.models != one.models
        assert folder_of(two.models, str(made.manifest)).is_dir()
    one.services.encoders.close()  # and with them what writes into that folder
    shutil.rmtree(one.models)
    with host(tmp_path / "data", "one", index) as again:
        assert again.answers(collection, "an invoice of May")[0] == "an invoice of May.txt"


def test_an_open_clip_folder_is_known_by_the_same_fingerprint(one: Host, tmp_path: Path) -> None:
    folder = tmp_path / "clip"
    before = one.collection("before", f"open_clip:{clip_folder(folder, TINY)}")
    made = added(one, folder)
    assert made.model.fingerprint == before.spaces[0].fingerprint
    assert made.model.space.model.startswith("packed:")
    # What was made from the folder goes on with what was packed of it.
    moved = one.services.records.collections.find("before")
    assert moved.spaces[0].model == made.model
    shutil.rmtree(folder)
    one.services.encoders.close()
    one.add(one.collection("after", "mine"), "a heron")
    one.add(moved, "an otter")
    assert one.answers(moved, "an otter") == ["an otter.txt"]


def test_the_same_files_are_the_same_blobs_and_the_same_model(
    one: Host, tiny: Path, tmp_path: Path
) -> None:
    made, keys = added(one, tiny), stored(one)
    assert len(keys) == len(set(made.files.values())) + 1
    with pytest.raises(Conflict, match="as model 'mine'"):
        added(one, tiny, "again")
    assert stored(one) == keys
    one.services.records.registry.remove("mine")
    other = shutil.copytree(tiny, tmp_path / "elsewhere")
    assert added(one, other, "anew").model == made.model


def test_a_model_that_is_used_stays_and_one_that_is_not_goes_with_its_files(
    one: Host, tiny: Path
) -> None:
    registry = one.services.records.registry
    added(one, tiny)
    collection = one.collection("words", "mine")
    with pytest.raises(Conflict, match="used by collection words"):
        registry.remove("mine")
    one.services.records.collections.mark_deleted(collection.id)
    registry.remove("mine")
    with pytest.raises(NotFound):
        registry.remove("mine")
    release(one.services)
    assert stored(one) == []
    assert one.services.records.garbage.is_empty()
    assert verify(one.services, grace=0).differences == ()


def test_a_collection_is_not_made_with_a_model_that_goes_meanwhile(one: Host, tiny: Path) -> None:
    made = added(one, tiny)
    one.services.records.registry.remove("mine")
    with pytest.raises(Conflict, match="removed meanwhile"):
        one.services.records.collections.begin("c1", "mine", [made.model])
    assert one.services.records.registry.uses() == []


def test_a_file_that_two_models_have_stays_for_the_other(one: Host, tiny: Path) -> None:
    first = added(one, tiny, "first")
    (tiny / "config_sentence_transformers.json").write_text('{"prompts": {"query": "ask: "}}')
    second = added(one, tiny, "second")
    assert second.model.fingerprint != first.model.fingerprint
    one.services.records.registry.remove("first")
    release(one.services)
    assert {key.partition("/")[2] for key in stored(one)} == {
        str(second.manifest),
        *second.files.values(),
    }
    assert verify(one.services, grace=0).differences == ()


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "manifest"])
def test_what_is_damaged_on_a_machine_is_fetched_again(one: Host, tiny: Path, harm: str) -> None:
    made = added(one, tiny)
    packed = PackedModels(one.models, one.services.blobs.open)
    folder = packed.fetch(str(made.manifest))
    weights = folder / "model.safetensors"
    good = weights.read_bytes()
    if harm == "cut":
        weights.write_bytes(good[:-1])
    elif harm == "changed":
        weights.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    elif harm == "gone":
        weights.unlink()
    else:
        beside(folder, ".json").write_text("{}")
    assert packed.fetch(str(made.manifest)) == folder
    assert weights.read_bytes() == good


def test_a_damaged_blob_is_refused_by_name_told_by_verify_and_put_back(
    one: Host, tiny: Path, tmp_path: Path, index: MemoryIndex
) -> None:
    made = added(one, tiny)
    lost, damaged = made.files["config.json"], made.files["model.safetensors"]
    one.services.blobs.delete(key_of(lost))
    file = tmp_path / "data" / "blobs" / KIND / damaged[:2] / damaged
    file.write_bytes(b"x" + file.read_bytes()[1:])
    with host(tmp_path / "data", "two", index) as two:
        with pytest.raises(Unavailable, match=r"models/.*verify --repair"):
            two.services.encoders.get(made.model.space)
        kinds = {one.kind: one for one in verify(two.services, repair=True).differences}
        assert {(kind, each.repaired) for kind, each in kinds.items()} == {
            ("lost-file-of-a-model", 0),
            ("damaged-file-of-a-model", 0),
        }
        assert "model mine" in kinds["lost-file-of-a-model"].examples[0]  # type: ignore[index]
        assert verify(one.services, repair=True).is_repaired
        assert verify(two.services).differences == ()
        assert two.services.encoders.get(made.model.space).fingerprint == made.model.fingerprint


def test_a_file_of_nobody_is_told_and_removed(one: Host) -> None:
    import io

    key = key_of("0" * 64)
    one.services.blobs.put(key, io.BytesIO(b"left"))
    assert verify(one.services).differences == ()  # it may just be stored
    found = verify(one.services, grace=-1, repair=True).differences
    assert [(each.kind, each.repaired) for each in found] == [("orphan-blob", 1)]
    assert stored(one) == []


_FETCH = """
import sys
from pathlib import Path
from samespace.core import faults
from samespace.encoders.packed import PackedModels
from samespace.store.blobs_disk import DiskBlobs
faults.arm(sys.argv[4])
print(PackedModels(Path(sys.argv[2]), DiskBlobs(Path(sys.argv[1])).open).fetch(sys.argv[3]))
"""


def fetching(data: Path, models: Path, hash: str, armed: str = "") -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", _FETCH, str(data / "blobs"), str(models), hash, armed]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_processes_that_fetch_together_and_one_that_is_killed(
    one: Host, tiny: Path, tmp_path: Path
) -> None:
    made = added(one, tiny)
    models, hash = tmp_path / "others", str(made.manifest)
    killed = fetching(tmp_path / "data", models, hash, "model.fetched=kill")
    killed.communicate(timeout=60)
    assert killed.returncode == -9
    assert not folder_of(models, hash).exists()
    together = [fetching(tmp_path / "data", models, hash) for _ in range(3)]
    for process in together:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert {file.name for file in folder_of(models, hash).iterdir()} == {
        path.partition("/")[0] for path in made.files
    }
    assert not beside(folder_of(models, hash), ".new").exists()


def test_a_death_between_storing_and_recording_leaves_nothing_for_long(
    one: Host, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.arm("model.packed=broken")
    try:
        with pytest.raises(OSError, match="Input/output"):
            added(one, tiny)
    finally:
        faults.arm("")
    assert one.services.records.registry.all() == []
    assert stored(one)
    release(one.services)
    assert stored(one)  # whoever stores it may be at it still
    assert verify(one.services, grace=-1).differences == ()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4000)
    release(one.services)
    assert stored(one) == []


def test_files_that_were_let_go_of_meanwhile_are_noticed(
    one: Host, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskBlobs, "exists", lambda _self, key: not key.startswith(f"{KIND}/"))
    with pytest.raises(Conflict, match="let go of meanwhile"):
        added(one, tiny)
    assert one.services.records.registry.all() == []
