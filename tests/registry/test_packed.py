"""A folder that was added is a model of every machine: the folder may go, and no machine needs another."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.encoders.packed import folder_of
from samespace.registry.add import add_model
from samespace.store.index_memory import MemoryIndex
from tests.encoders.tiny import write_tiny
from tests.registry.host import Host, host


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(written: Path, tmp_path: Path) -> Path:
    """A folder with a sentence model, to do with as one likes."""
    folder = tmp_path / "folders" / "my model"
    shutil.copytree(written, folder)
    return folder


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex()


@pytest.fixture
def one(tmp_path: Path, index: MemoryIndex) -> Iterator[Host]:
    """The machine on which models are added."""
    with host(tmp_path / "data", "one", index) as opened:
        yield opened


def test_a_folder_may_go_and_other_machines_have_its_model(
    one: Host, tiny: Path, tmp_path: Path, index: MemoryIndex
) -> None:
    added = add_model(str(tiny), one.services, licence="MIT").model
    assert (added.name, added.origin, added.licence) == ("my-model", "folder", "MIT")
    assert added.model.space.model == f"packed:{added.manifest}"
    collection = one.collection("words", "my-model")
    one.add(collection, "a heron at dawn", "an invoice of May")
    shutil.rmtree(tiny)
    with host(tmp_path / "data", "two", index) as two:
        two.add(collection, "a boat in a storm")
        assert two.answers(collection, "a boat in a storm")[0] == "a boat in a storm.txt"
        assert two.answers(collection, "a heron at dawn")[0] == "a heron at dawn.txt"
        assert two.models != one.models
        assert folder_of(two.models, str(added.manifest)).is_dir()
    shutil.rmtree(one.models)
    with host(tmp_path / "data", "one", index) as again:
        assert again.answers(collection, "an invoice of May")[0] == "an invoice of May.txt"
