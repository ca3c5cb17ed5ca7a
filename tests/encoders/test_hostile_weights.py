"""A model file with code in it is refused by name, and the code does not run."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from samespace.core.content import of_texts
from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.encoders import clip, sentences, starter
from samespace.encoders.device import Compute
from samespace.encoders.load import load_encoder
from samespace.encoders.spaces import spaces_of
from tests.encoders.test_clip import TINY, folder_of

SETTING = "SAMESPACE_ALLOW_UNSAFE_WEIGHTS"


class Bomb:
    """Unpickled without care, it writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return open, (str(self.target), "w")  # type: ignore[return-value]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "code-ran"


def test_the_bomb_goes_off_where_nobody_cares(tmp_path: Path, target: Path) -> None:
    torch.save({"x": Bomb(target)}, tmp_path / "bomb.pt")
    with pytest.warns(ResourceWarning):
        torch.load(tmp_path / "bomb.pt", weights_only=False)
    assert target.exists()


@pytest.mark.parametrize("name", ["open_clip_pytorch_model.bin", "weights.pth"])
def test_a_hostile_clip_is_not_run(tmp_path: Path, target: Path, name: str) -> None:
    model = folder_of(tmp_path / "model", TINY)
    (tmp_path / "model" / "open_clip_model.safetensors").unlink()
    torch.save({"state_dict": {"logit_scale": Bomb(target)}}, tmp_path / "model" / name)
    (space,) = spaces_of(f"open_clip:{model}")
    with pytest.raises(Unavailable, match=rf"{name}.*{SETTING}"):
        load_encoder(space, Settings(device="cpu"))
    with pytest.raises(Unavailable, match="cannot be loaded: files of it are missing or damaged"):
        load_encoder(space, Settings(device="cpu", allow_unsafe_weights=True))
    assert not target.exists()


def test_trusted_weights_are_read_where_the_setting_says_so(tmp_path: Path) -> None:
    model = folder_of(tmp_path / "model", TINY)
    file = tmp_path / "model" / "open_clip_model.safetensors"
    space = clip.describe(model)
    safe = clip.load(space, Compute("cpu", "float32"))
    from safetensors.torch import load_file

    torch.save(load_file(file), tmp_path / "model" / "open_clip_pytorch_model.bin")
    file.unlink()
    trusted = load_encoder(
        space, Settings(device="cpu", precision="float32", allow_unsafe_weights=True)
    )
    assert (trusted.encode(of_texts(["a cat"])) == safe.encode(of_texts(["a cat"]))).all()


def sentence_model(folder: Path) -> Path:
    shutil.copytree(starter.text_folder(), folder)
    return folder


def test_a_hostile_sentence_model_is_not_run(tmp_path: Path, target: Path) -> None:
    folder = sentence_model(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    torch.save({"x": Bomb(target)}, folder / "pytorch_model.bin")
    with pytest.raises(Unavailable, match=r"pytorch_model\.bin is no \.safetensors file"):
        sentences.describe(str(folder))
    assert not target.exists()


def test_code_in_a_sentence_model_is_not_run(tmp_path: Path, target: Path) -> None:
    folder = sentence_model(tmp_path / "model")
    (folder / "mine.py").write_text(f"open({str(target)!r}, 'w')\nclass Mine: pass\n")
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"idx": 9, "name": "9", "path": "", "type": "mine.Mine"})
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(Unavailable, match=r"mine\.Mine"):
        sentences.describe(str(folder))
    assert not target.exists()
