"""The sentence-transformers adapter on a tiny BERT with seeded random weights (no hub needed)."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.errors import Misconfigured, Unavailable, Unsupported
from samespace.core.types import Space
from samespace.encoders import sentences
from samespace.encoders.device import Compute
from samespace.encoders.presets import E5_SMALL
from samespace.encoders.spaces import spaces_of
from tests.encoders.tiny import write_tiny

CPU = Compute("cpu", "float32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def space(folder: Path) -> Space:
    return spaces_of(f"st:{folder}")[0]


def test_a_custom_model_describes_itself(space: Space) -> None:
    assert (space.dim, space.max_tokens) == (32, 64)


def test_rows_are_unit_and_in_order(space: Space) -> None:
    encoder = sentences.load(space, CPU)
    texts = ["a", "a much longer text about nothing in particular", "b"]
    rows = encoder.encode(of_texts(texts))
    alone = np.concatenate([encoder.encode(of_texts([text])) for text in texts])
    np.testing.assert_allclose(rows, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_what_is_cut_is_told(space: Space) -> None:
    encoder = sentences.load(space, CPU)
    fits, longer = "word " * 62, "word " * 62 + "other words that are cut"
    assert encoder.count_tokens([fits, longer]) == [64, 69]
    rows = encoder.encode(of_texts([fits, longer]))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)


def test_the_fingerprint_follows_what_decides_the_vectors(
    space: Space, folder: Path, tmp_path: Path
) -> None:
    mark = sentences.load(space, CPU).fingerprint
    copied = shutil.copytree(folder, tmp_path / "copy")
    assert sentences.load(replace(space, model=str(copied)), CPU).fingerprint == mark
    assert sentences.load(space, Compute("cpu", "bfloat16")).fingerprint == mark
    for other in (replace(space, query_prompt="q: "), replace(space, max_tokens=32)):
        assert sentences.load(other, CPU).fingerprint != mark
    (copied / "modules.json").write_text((copied / "modules.json").read_text() + " ")
    assert sentences.load(replace(space, model=str(copied)), CPU).fingerprint != mark


def test_a_wrong_dimension_is_refused(space: Space) -> None:
    with pytest.raises(Misconfigured, match="32"):
        sentences.load(replace(space, dim=64), CPU)


def test_pictures_are_refused(space: Space) -> None:
    with pytest.raises(Unsupported):
        sentences.load(space, CPU).encode(of_images([Image.new("RGB", (8, 8))]))


def test_a_model_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(Unavailable, match=r"multilingual-e5-small.*starter needs no hub"):
        sentences.load(E5_SMALL, CPU)


def test_pickled_weights_are_not_loaded(space: Space, folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "pickled")
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(Unavailable):
        sentences.load(replace(space, model=str(copied)), CPU)
