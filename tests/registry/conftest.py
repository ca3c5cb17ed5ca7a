"""Tiny models to add, and a machine to add them on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.encoders.tiny import write_tiny
from tests.registry.host import Host, host
from tests.store.memory_index import MemoryIndex


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(written: Path, tmp_path: Path) -> Path:
    """A folder with a sentence model, to do with as one likes."""
    return shutil.copytree(written, tmp_path / "folders" / "my model")


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex()


@pytest.fixture
def one(tmp_path: Path, index: MemoryIndex) -> Iterator[Host]:
    """The machine on which models are added."""
    with host(tmp_path / "data", "one", index) as opened:
        yield opened
