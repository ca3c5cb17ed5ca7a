"""Real models, loaded once; real photographs, from a package that is installed anyway."""

from pathlib import Path

import pytest
from PIL import Image

from samespace.core.settings import Settings
from samespace.encoders import clip, starter
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.weights import packaged
from tests.encoders.golden import photographs


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def starter32(models: Path) -> clip.ClipEncoder:
    encoder = load_encoder(STARTER, Settings(device="cpu", precision="float32", models=models))
    assert isinstance(encoder, clip.ClipEncoder)
    return encoder


@pytest.fixture(scope="session")
def pictures() -> list[Image.Image]:
    return photographs()


@pytest.fixture(scope="session")
def minilm() -> Path:
    return packaged(starter.TEXT_PACKAGE, starter.TEXT_FOLDER)
