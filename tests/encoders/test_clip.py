"""The open_clip adapter on folders with seeded random weights (no hub needed)."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from samespace.core.content import of_images, of_texts
from samespace.core.errors import Misconfigured, Unavailable
from samespace.encoders import clip, starter
from samespace.encoders.device import Compute
from samespace.encoders.presets import CLIP_B32, STARTER
from samespace.encoders.spaces import spaces_of

CPU = Compute("cpu", "float32")

VISION = {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16}
TEXT = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
TINY = {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": TEXT}
SIGMOID = {**TINY, "init_logit_bias": -10, "custom_text": True}


def folder_of(path: Path, config: dict[str, Any]) -> str:
    path.mkdir(exist_ok=True)
    (path / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    torch.manual_seed(0)
    model = open_clip.create_model(f"local-dir:{path}")
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, path / "open_clip_model.safetensors")
    return f"local-dir:{path}"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return folder_of(tmp_path / "tiny", TINY)


def test_a_custom_model_describes_itself(tiny: str, tmp_path: Path) -> None:
    (space,) = spaces_of(f"open_clip:{tiny}")
    assert (space.dim, space.max_tokens, space.score_kind) == (24, 16, "softmax")
    (space,) = spaces_of(f"open_clip:{folder_of(tmp_path / 'sigmoid', SIGMOID)}")
    assert space.score_kind == "sigmoid"
    assert clip.load(space, CPU).bias == -10


def test_the_texts_of_a_folder_that_was_moved_are_looked_for_in_it(tmp_path: Path) -> None:
    """`.` is the model's own folder, as is one that is gone; a name of a hub, and a folder that is there, stay."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (here / "config.json").write_text("{}")
    for named, found in (
        (".", str(here)),
        (str(tmp_path / "gone"), str(here)),
        (str(there), str(there)),
        ("xlm-roberta-base", "xlm-roberta-base"),
    ):
        text = {"hf_model_name": named, "hf_tokenizer_name": named}
        clip.name_texts(text, here)
        assert set(text.values()) == {found}
    text = {"hf_model_name": str(tmp_path / "gone")}
    clip.name_texts(text, there)  # nothing of a text tower is there either
    assert text == {"hf_model_name": str(tmp_path / "gone")}


def test_vectors_are_the_librarys_own(tiny: str, pictures: list[Image.Image]) -> None:
    encoder = clip.load(clip.describe(tiny), CPU)
    model, _, preprocess = open_clip.create_model_and_transforms(tiny)
    texts = ["a cat", "a much longer text than the other one"]
    with torch.inference_mode():
        images = model.eval().encode_image(torch.stack([preprocess(p) for p in pictures]))
        words = model.encode_text(open_clip.get_tokenizer(tiny)(texts))
    for made, raw in (
        (encoder.encode(of_images(pictures)), images),
        (encoder.encode(of_texts(texts)), words),
    ):
        own = torch.nn.functional.normalize(raw, dim=1).numpy()
        np.testing.assert_allclose(made, own, atol=1e-5)
    assert math.isclose(encoder.scale, model.logit_scale.exp().item(), rel_tol=1e-6)


def test_bfloat16_stays_close_and_keeps_the_fingerprint(
    tiny: str, pictures: list[Image.Image]
) -> None:
    space = clip.describe(tiny)
    exact, half = clip.load(space, CPU), clip.load(space, Compute("cpu", "bfloat16"))
    assert half.fingerprint == exact.fingerprint
    assert math.isclose(half.scale, exact.scale)
    for batch in (of_images(pictures), of_texts(["a cat", "dogs and birds"])):
        cosines = (half.encode(batch) * exact.encode(batch)).sum(axis=1)
        assert cosines.min() >= 0.999


def test_a_cut_is_told(tiny: str) -> None:
    encoder = clip.load(clip.describe(tiny), CPU)
    texts = ["word " * 20, "Don't naïve 你好 &amp; 3", ""]
    own = open_clip.get_tokenizer(tiny)
    assert encoder.count_tokens(texts) == [len(own.encode(text)) + 2 for text in texts]
    assert encoder.count_tokens(texts)[0] > encoder.space.max_tokens


def test_a_strip_is_not_blown_up(tiny: str) -> None:
    encoder = clip.load(clip.describe(tiny), CPU)
    strip = Image.new("RGB", (20_000, 1), "red")
    [fitted] = encoder.fit(of_images([strip]))
    assert fitted.image.size == (32, 32)
    assert encoder.encode(of_images([strip])).shape == (1, 24)


def test_the_fingerprint_follows_the_weights(tiny: str) -> None:
    space = clip.describe(tiny)
    before = clip.load(space, CPU).fingerprint
    file = Path(tiny.removeprefix("local-dir:")) / "open_clip_model.safetensors"
    model = open_clip.create_model(tiny)
    torch.nn.init.ones_(model.text_projection)
    save_file(dict(model.state_dict()), file)
    assert clip.load(space, CPU).fingerprint != before


def test_a_folder_without_weights_is_refused(tiny: str) -> None:
    space = clip.describe(tiny)
    (Path(tiny.removeprefix("local-dir:")) / "open_clip_model.safetensors").unlink()
    with pytest.raises(Unavailable, match="no weights"):
        clip.load(space, CPU)


def test_a_wrong_dimension_is_refused(tiny: str) -> None:
    with pytest.raises(Misconfigured, match="24"):
        clip.load(replace(clip.describe(tiny), dim=384), CPU)


def test_a_model_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(Unavailable, match=r"ViT-B-32.*starter needs no hub"):
        clip.load(CLIP_B32, CPU)


def test_the_fingerprint_stays_when_a_folder_moves(
    tmp_path: Path, models: Path, starter32: clip.ClipEncoder
) -> None:
    here, there = starter.assemble(models), tmp_path / "moved"
    config = json.loads((here / clip.CONFIG).read_text())
    shutil.copytree(here, there)
    config["model_cfg"]["text_cfg"].update(hf_model_name=str(there), hf_tokenizer_name=str(there))
    (there / clip.CONFIG).write_text(json.dumps(config))
    marks = {clip.load(STARTER, CPU, f"local-dir:{path}").fingerprint for path in (here, there)}
    assert len(marks) == 1


def test_a_strip_is_kept_whole_where_pictures_are_fitted_whole(starter32: clip.ClipEncoder) -> None:
    strip = Image.new("RGB", (2240, 40), "red")
    [fitted] = starter32.fit(of_images([strip]))
    assert (fitted.pixels == (255, 0, 0)).all(axis=2).sum() == 224 * 4


def test_texts_of_any_length_may_share_a_batch(starter32: clip.ClipEncoder) -> None:
    """Padding is masked, so how far a batch is padded says nothing in its vectors."""
    texts = ["", "a cat", "word " * 300]
    alone = np.concatenate([starter32.encode(of_texts([text])) for text in texts])
    np.testing.assert_allclose(starter32.encode(of_texts(texts)), alone, atol=1e-5)


def test_a_short_text_is_not_padded_to_the_longest(starter32: clip.ClipEncoder) -> None:
    seen: list[tuple[int, ...]] = []
    with starter32._model.text.register_forward_pre_hook(
        lambda _, given: seen.append(given[0].shape)
    ):
        starter32.encode(of_texts(["a cat", "a dog"]))
        starter32.encode(of_texts(["word " * 300]))
    assert seen == [(2, 4), (1, 256)]
