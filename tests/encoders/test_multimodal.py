"""A multimodal model of sentence-transformers: it says what it takes, and both go into one space."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Space
from samespace.encoders import sentences
from samespace.encoders.device import Compute
from samespace.encoders.load import load_encoder
from samespace.encoders.places import place_of
from samespace.encoders.spaces import spaces_of
from tests.encoders.tiny import CLIP_DIM, CLIP_LENGTH, write_tiny_clip
from tests.encoders.tiny_gemma import write_tiny_gemma
from tests.encoders.tiny_qwen import write_tiny_qwen

CPU = Compute("cpu", "float32")
TEXTS = ["a red car", "harbour", "word " * 40]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_clip(tmp_path_factory.mktemp("models"))


@pytest.fixture
def space(model: Path) -> Space:
    (space,) = spaces_of(f"st:{model}")
    return space


def test_it_says_what_it_takes(space: Space) -> None:
    assert (space.name, space.kind) == ("multimodal", "sentence-transformers")
    assert (space.dim, space.max_tokens) == (CLIP_DIM, CLIP_LENGTH)
    assert space.modalities == {TEXT, IMAGE}
    assert space.scale == pytest.approx(np.exp(2.6592), rel=1e-4)


def test_vectors_are_the_models_own_and_in_order(model: Path, space: Space) -> None:
    from sentence_transformers import SentenceTransformer

    pictures = [Image.new("RGB", (50, 40), "red"), Image.new("RGB", (40, 60), "blue")]
    own = SentenceTransformer(str(model), device="cpu")
    encoder = sentences.load(space, CPU)
    mixed = [*of_images(pictures[:1]), *of_texts(TEXTS), *of_images(pictures[1:])]
    rows = encoder.encode(mixed)
    expected = np.concatenate(
        [own.encode(pictures[:1]), own.encode(TEXTS), own.encode(pictures[1:])]
    )
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(rows, expected, atol=1e-5)
    assert encoder.encode([]).shape == (0, CLIP_DIM)
    assert encoder.count_tokens(["a red car"]) == [9]
    assert encoder.encode(of_images([Image.new("RGB", (3000, 1))])).shape == (1, CLIP_DIM)


def test_how_pictures_are_prepared_is_in_the_fingerprint(
    model: Path, space: Space, tmp_path: Path
) -> None:
    moved = shutil.copytree(model, tmp_path / "moved")
    there = Space(**{**{n: getattr(space, n) for n in space.__slots__}, "model": str(moved)})
    assert sentences.fingerprint_of(there) == sentences.fingerprint_of(space)
    config = json.loads((moved / "processor_config.json").read_text())
    config["image_processor"]["image_mean"] = [0.1, 0.2, 0.3]
    (moved / "processor_config.json").write_text(json.dumps(config))
    assert sentences.fingerprint_of(there) != sentences.fingerprint_of(space)
    assert place_of(space, tmp_path) is None  # its texts are not exported


def test_pickled_weights_are_refused_by_name(model: Path, tmp_path: Path) -> None:
    pickled = shutil.copytree(model, tmp_path / "pickled")
    (pickled / "model.safetensors").unlink()
    torch.save({}, pickled / "pytorch_model.bin")
    with pytest.raises(
        Unavailable, match=r"pytorch_model\.bin is no \.safetensors file.*convert it"
    ):
        spaces_of(f"st:{pickled}")


@pytest.mark.parametrize("what", ["text", "image"])
def test_no_numbers_are_refused_before_use(model: Path, tmp_path: Path, what: str) -> None:
    from safetensors.torch import load_file, save_file

    spoilt = shutil.copytree(model, tmp_path / "spoilt")
    weights = load_file(spoilt / "model.safetensors")
    tower = {"text": "text_projection.weight", "image": "visual_projection.weight"}[what]
    weights[tower] *= float("nan")
    save_file(weights, spoilt / "model.safetensors", {"format": "pt"})
    (space,) = spaces_of(f"st:{spoilt}")
    with pytest.raises(
        Misconfigured, match=f"cannot be used: of {what}, vector 0 of 2 has length nan"
    ):
        load_encoder(space, Settings(device="cpu", precision="float32"))


@pytest.mark.parametrize(
    ("preset", "write", "dim", "prompts"),
    [("unified", write_tiny_gemma, 24, ("a ", "the ")), ("screens", write_tiny_qwen, 32, ("", ""))],
)
def test_the_architectures_of_presets_take_both(
    preset: str,
    write: Callable[[Path], Path],
    dim: int,
    prompts: tuple[str, str],
    tmp_path: Path,
) -> None:
    """With seeded random weights: the real ones are not to be had here."""
    (space,) = spaces_of(f"st:{write(tmp_path)}")
    (row,) = spaces_of(preset)
    assert (space.kind, space.modalities, space.dim) == (row.kind, row.modalities, dim)
    assert (space.query_prompt, space.passage_prompt) == prompts
    encoder = load_encoder(space, Settings(device="cpu", precision="float32"))
    pictures = of_images([Image.new("RGB", (50, 40), each) for each in ("red", "blue")])
    mixed = [*of_texts(["a red car"]), *pictures, *of_texts(["boat"])]
    alone = np.concatenate([encoder.encode([each]) for each in mixed])
    np.testing.assert_allclose(encoder.encode(mixed), alone, atol=1e-5)
    assert encoder.count_tokens(["a red car"]) == [3]
