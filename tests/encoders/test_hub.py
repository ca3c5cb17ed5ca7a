"""Models that cannot be had: which, why and what to do, and no word of a library."""

import errno
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from samespace.core.errors import InvalidRequest, OutOfSpace, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.hub import having
from samespace.encoders.load import Encoders
from samespace.encoders.presets import BGE_SMALL, CLIP_B32, PRESETS, presets_with
from samespace.encoders.spaces import spaces_of
from tests.encoders.hubs import reach_no_hub

TODO = (
    "use it once where a model hub can be reached, copy the folder {cache} of a machine that has it, or name a "
    "folder that holds a model (st:<folder>, open_clip:local-dir:<folder>, onnx:<folder>); preset starter needs no hub"
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a network, that has no model of a hub."""
    reach_no_hub(monkeypatch, tmp_path)
    monkeypatch.setattr("samespace.encoders.hub_cache.cached_models", frozenset)
    return tmp_path


@pytest.mark.alone
@pytest.mark.parametrize("space", [BGE_SMALL, CLIP_B32], ids=lambda space: space.name)
def test_a_preset_without_a_network_says_what_to_do(space: Space, cache: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable) as raised:
        Encoders(Settings(device="cpu")).get(space)
    assert str(raised.value) == (
        f"model {space.model} of preset 'clip' is not on this machine, and no model hub can be reached: "
        + TODO.format(cache=cache)
    )
    assert time.monotonic() - began < 20  # open_clip tries for 50 s


@pytest.mark.parametrize("preset", ["st:nobodys/model", "open_clip:hf-hub:nobodys/model"])
def test_a_custom_model_says_the_same(preset: str, cache: Path) -> None:
    with pytest.raises(Unavailable) as raised:
        spaces_of(preset)
    assert str(raised.value) == (
        f"model {preset.partition(':')[2]} is not on this machine, and no model hub can be reached: "
        + TODO.format(cache=cache)
    )


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        (
            "st:/no/such/folder",
            "'/no/such/folder' is neither a folder nor the name of a model on a hub",
        ),
        (
            "open_clip:local-dir:/no/such/folder",
            "model local-dir:/no/such/folder: there is no such folder, or it holds no weights",
        ),
        (
            "open_clip:ViT-B-32/nobodys",
            "open_clip knows no model ViT-B-32/nobodys; it lists architectures with their weights",
        ),
    ],
)
def test_what_is_no_model_is_said_to_be_none(preset: str, said: str, cache: Path) -> None:
    with pytest.raises(Unavailable) as raised:
        spaces_of(preset)
    assert str(raised.value) == said


def test_a_name_without_weights_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="it has to be <architecture>/<pretrained>"):
        spaces_of("open_clip:ViT-B-32")


def test_a_folder_of_something_else_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(Unavailable) as raised:
        spaces_of(f"st:{tmp_path}")
    assert str(raised.value) == (
        f"model {tmp_path} cannot be loaded: files of it are missing or damaged, or of another kind than "
        "sentence-transformers reads; the log says which"
    )


@pytest.mark.parametrize(
    ("error", "said", "kind"),
    [
        (OSError(errno.ENOSPC, "No space"), "the disk has no room for model m", OutOfSpace),
        (MemoryError(), "there is too little memory to load model m", Unavailable),
        (
            TimeoutError("timed out"),
            "model m is not on this machine, and no model hub answers",
            Unavailable,
        ),
        (KeyError("weight"), "model m cannot be loaded: files of it are missing", Unavailable),
    ],
)
def test_each_way_to_fail_has_words(error: Exception, said: str, kind: type[Unavailable]) -> None:
    with pytest.raises(Unavailable) as raised, having("m", "open_clip"):
        raise error
    assert str(raised.value).startswith(said)
    assert type(raised.value) is kind


def test_presets_are_named_by_their_models() -> None:
    assert presets_with("BAAI/bge-small-en-v1.5") == ["clip"]
    assert all(name in presets_with(s.model) for name, spaces in PRESETS.items() for s in spaces)
    assert presets_with("nobodys/model") == []


def test_a_machine_that_is_told_not_to_ask_says_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for preset in ("st:nobodys/model", "open_clip:hf-hub:nobodys/model"):
        with pytest.raises(
            Unavailable, match=f"HF_HUB_OFFLINE forbids .* copy the folder {cache} of"
        ):
            spaces_of(preset)
