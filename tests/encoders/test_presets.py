"""Presets are rows of data: held for sense, and kept free of heavy imports."""

import subprocess
import sys

import pytest

from samespace.core.errors import InvalidRequest
from samespace.core.types import IMAGE, TEXT, Space
from samespace.encoders.presets import BUILTIN, OPEN_CLIP, PRESETS, SENTENCES
from samespace.encoders.spaces import spaces_of

SPACES = [space for spaces in PRESETS.values() for space in spaces]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.model)
def test_a_space_is_well_formed(space: Space) -> None:
    assert space.kind in {BUILTIN, OPEN_CLIP, SENTENCES}
    assert space.dim > 0
    assert space.max_tokens > 0
    assert space.score_kind in {"softmax", "sigmoid"}
    assert space.kind == SENTENCES or space.modalities == frozenset({TEXT, IMAGE})
    assert space.name.isidentifier()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_takes_texts_and_pictures_under_distinct_names(preset: str) -> None:
    spaces = spaces_of(preset)
    assert frozenset.union(*(space.modalities for space in spaces)) == frozenset({TEXT, IMAGE})
    assert len({space.name for space in spaces}) == len(spaces)


@pytest.mark.parametrize("space", [s for s in SPACES if s.kind == OPEN_CLIP], ids=lambda s: s.model)
def test_open_clip_rows_say_what_the_library_says(space: Space) -> None:
    import open_clip

    architecture, _, tag = space.model.rpartition("/")
    config = open_clip.get_model_config(architecture)
    assert (architecture, tag) in open_clip.list_pretrained()
    assert config["embed_dim"] == space.dim
    assert config["text_cfg"].get("context_length", 77) == space.max_tokens
    assert ("init_logit_bias" in config) == (space.score_kind == "sigmoid")


@pytest.mark.parametrize("name", ["", "nope", "st:", "open_clip:", "other:model"])
def test_an_unknown_preset_names_the_known_ones(name: str) -> None:
    with pytest.raises(
        InvalidRequest, match="clip, multilingual, quality, screens, starter, unified"
    ):
        spaces_of(name)


def test_importing_the_encoders_imports_no_torch() -> None:
    modules = (
        "batcher, clip, device, folding, lanes, load, pictures, presets, sentences, starter, tower, "
        "verify, written"
    )
    code = f"import sys; from samespace.encoders import {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
