"""ONNX models: what a folder says of itself, that vectors are what its graph makes, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Space, Vectors
from samespace.encoders.base import Encoder
from samespace.encoders.load import encoder_for_service, load_encoder
from samespace.encoders.onnx import OnnxEncoder, folder_of
from samespace.encoders.rows import unit_rows
from samespace.encoders.spaces import spaces_of
from tests.encoders import tiny_onnx
from tests.encoders.tiny_onnx import DIM, SIDE, WORDS, words, write_json

TEXTS = ["red car", "the blue boat in a storm", "harbour", "unheard of", ""]
SETTINGS = Settings(device="cpu", threads=1)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    tiny_onnx.write_tokenizer(folder)
    tiny_onnx.write_texts(folder / "model.onnx")
    return folder


@pytest.fixture
def both(tmp_path: Path) -> Path:
    return tiny_onnx.write_both(tmp_path / "both")


def space_of(folder: Path) -> Space:
    (space,) = spaces_of(f"onnx:{folder}")
    return space


def opened(folder: Path) -> Encoder:
    return load_encoder(space_of(folder), SETTINGS)


def encode(folder: Path, *given: str) -> Vectors:
    return opened(folder).encode(of_texts(given))


def vectors_of(text: str) -> Vectors:
    """Of each word the graph's own."""
    numbers = [WORDS.index(word) if word in WORDS else 1 for word in text.split()]
    return np.asarray(words()[numbers])


def test_a_folder_says_what_it_is(texts: Path, both: Path) -> None:
    space = space_of(texts)
    assert (space.kind, space.dim, space.modalities) == ("onnx", DIM, frozenset({TEXT}))
    assert (space.max_tokens, space.scale, space.query_prompt) == (256, 20.0, "")
    assert space_of(both).modalities == {TEXT, IMAGE}
    assert folder_of(str(texts)) == texts


def test_vectors_are_those_of_the_graph_by_the_mean_over_tokens(texts: Path) -> None:
    rows = encode(texts, *TEXTS[:4])
    means = np.stack([vectors_of(text).mean(axis=0) for text in TEXTS[:4]])
    np.testing.assert_allclose(rows, unit_rows(means, DIM), atol=1e-6)
    alone = np.concatenate([encode(texts, text) for text in TEXTS[:4]])
    np.testing.assert_allclose(rows, alone, atol=1e-6)
    assert opened(texts).count_tokens(TEXTS) == [2, 6, 1, 2, 0]


@pytest.mark.parametrize(("pooling", "at"), [("cls", 0), ("last", -1)])
def test_the_pooling_is_as_the_folder_says(texts: Path, pooling: str, at: int) -> None:
    write_json(texts / "samespace.json", {"pooling": pooling})
    own = np.stack([vectors_of(text)[at] for text in TEXTS[:4]])
    np.testing.assert_allclose(encode(texts, *TEXTS[:4]), unit_rows(own, DIM), atol=1e-6)


def test_what_sentence_transformers_writes_beside_is_read(texts: Path) -> None:
    (texts / "1_Pooling").mkdir()
    write_json(texts / "1_Pooling" / "config.json", {"pooling_mode_cls_token": True})
    write_json(
        texts / "config_sentence_transformers.json",
        {"prompts": {"query": "a ", "document": "the "}},
    )
    write_json(texts / "sentence_bert_config.json", {"max_seq_length": 64})
    space = space_of(texts)
    assert (space.query_prompt, space.passage_prompt, space.max_tokens) == ("a ", "the ", 64)
    own = unit_rows(vectors_of("red car")[:1], DIM)
    np.testing.assert_allclose(encode(texts, "red car"), own, atol=1e-6)


@pytest.mark.parametrize("channels_last", [False, True])
def test_pictures_and_words_share_a_space(tmp_path: Path, *, channels_last: bool) -> None:
    folder = tiny_onnx.write_both(tmp_path / "model", channels_last=channels_last)
    encoder = opened(folder)
    pictures = of_images([Image.new("RGB", (40, 30), each) for each in ("red", "blue")])
    rows = encoder.encode([*of_texts(["red", "blue"]), *pictures])
    scores = rows[:2] @ rows[2:].T
    np.testing.assert_allclose(np.diag(scores), 1, atol=1e-5)
    assert scores[0, 1] < 0.9
    assert isinstance(encoder, OnnxEncoder)
    fitted = encoder.fit(pictures)
    assert {each.image.size for each in fitted} == {(SIDE, SIDE)}
    np.testing.assert_array_equal(encoder.encode(fitted), rows[2:])


def test_a_graph_may_take_strings(tmp_path: Path) -> None:
    folder = tmp_path / "scikit"
    folder.mkdir()
    tiny_onnx.write_strings(folder / "model.onnx")
    space = space_of(folder)
    assert (space.dim, space.modalities) == (DIM, frozenset({TEXT}))
    rows = encode(folder, "red car", "the boat", "car red")
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)
    assert rows[0] @ rows[1] < 0.9
    assert opened(folder).count_tokens(["red car, blue"]) == [4]


def test_a_graph_that_takes_one_at_a_time_gets_them_so(texts: Path) -> None:
    free = encode(texts, *TEXTS[:4])
    tiny_onnx.write_texts(texts / "model.onnx", batch=1)
    np.testing.assert_allclose(encode(texts, *TEXTS[:4]), free, atol=1e-6)
    tiny_onnx.write_texts(texts / "model.onnx", batch=3)
    with pytest.raises(Misconfigured, match="exactly 3 items at a time"):
        space_of(texts)


def test_a_service_asks_it_beside_the_batches_and_needs_no_torch(texts: Path) -> None:
    service = encoder_for_service(space_of(texts), SETTINGS)
    assert isinstance(service, OnnxEncoder)
    np.testing.assert_array_equal(
        service.encode_query(of_texts(["red"])), service.encode(of_texts(["red"]))
    )
    program = (
        "import sys\n"
        "from samespace.core.settings import Settings\n"
        "from samespace.encoders.load import load_encoder\n"
        "from samespace.encoders.spaces import spaces_of\n"
        f"load_encoder(spaces_of('onnx:{texts}')[0], Settings(device='cpu', threads=1))\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_fingerprint_follows_what_decides_the_vectors(texts: Path) -> None:
    before = opened(texts).fingerprint
    (texts / "README.md").write_text("about")
    assert opened(texts).fingerprint == before
    write_json(texts / "samespace.json", {"pooling": "cls"})
    changed = opened(texts).fingerprint
    tiny_onnx.write_texts(texts / "model.onnx", words() * 2)
    assert len({before, changed, opened(texts).fingerprint}) == 3


def _nan(folder: Path) -> None:
    tiny_onnx.write_texts(folder / "model.onnx", words() * np.float32("nan"))


def _zero(folder: Path) -> None:
    tiny_onnx.write_texts(folder / "model.onnx", words() * 0)


def _another_dimension(folder: Path) -> None:
    write_json(folder / "samespace.json", {"dim": 99})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_nan, r"of text, vector 0 of 2 has length nan"),
        (_zero, r"of text, vector 0 of 2 has length 0\.0"),
        (_another_dimension, r"of text, the model made vectors of 16 values, its space has 99"),
    ],
)
def test_a_model_without_sense_is_refused_before_use(texts: Path, spoil: Any, reason: str) -> None:
    spoil(texts)
    with pytest.raises(Misconfigured, match=f"{texts} cannot be used: {reason}"):
        opened(texts)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "pipeline.pkl", "tfidf.joblib"])
def test_pickles_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(Unavailable, match=rf"{name} may hold code .* export the model to ONNX"):
        space_of(tmp_path)


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({"pooling": "max"}, "samespace.json: pooling: "),
        ({"dimension": 3}, "samespace.json: dimension: "),
        ({"outputs": {"text": "rows"}}, "has no output 'rows'; it has last_hidden_state"),
        ({"pooling": "none"}, r"values of shape \(1, 5, 16\)"),
    ],
)
def test_what_a_folder_says_wrongly_is_told(texts: Path, own: dict[str, Any], reason: str) -> None:
    write_json(texts / "samespace.json", own)
    with pytest.raises(Misconfigured, match=reason):
        space_of(texts)


def test_what_is_missing_or_damaged_is_told(texts: Path, both: Path) -> None:
    with pytest.raises(Unavailable, match="is not a folder with a model"):
        space_of(texts / "nowhere")
    (texts / "tokenizer.json").unlink()
    with pytest.raises(Unavailable, match=r"neither tokenizer\.json nor preprocessor_config\.json"):
        space_of(texts)
    (both / "tokenizer.json").unlink()
    with pytest.raises(Misconfigured, match="takes image, and no texts to search with"):
        space_of(both)
    (both / "vision_model.onnx").write_bytes(json.dumps({}).encode())
    with pytest.raises(Unavailable, match="files of it are missing or damaged"):
        space_of(both)
