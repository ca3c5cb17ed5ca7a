"""The space that works from package registries alone."""

import socket
from pathlib import Path

import numpy as np
import open_clip
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from samespace.core.errors import BadVector, Unavailable
from samespace.core.settings import Settings
from samespace.encoders import starter
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.rows import unit_rows
from samespace.encoders.weights import check_sha256, packaged
from tests.encoders.golden import FILE, TEXTS

Starter = starter.StarterEncoder
SLOW = HealthCheck.too_slow  # says how busy the machine is, not how good the test


def test_vectors_are_the_golden_ones(starter32: Starter, pictures: list[Image.Image]) -> None:
    golden = np.load(FILE, allow_pickle=False)
    assert starter32.fingerprint == str(golden["fingerprint"])
    np.testing.assert_allclose(starter32.encode_texts(TEXTS), golden["texts"], atol=1e-3)
    np.testing.assert_allclose(starter32.encode_images(pictures), golden["pictures"], atol=1e-3)


def test_rows_are_unit_and_float32(starter32: Starter, pictures: list[Image.Image]) -> None:
    for rows in (starter32.encode_texts(TEXTS), starter32.encode_images(pictures)):
        assert rows.dtype == np.float32
        assert rows.shape[1] == STARTER.dim
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(starter32: Starter) -> None:
    assert starter32.encode_texts([]).shape == (0, 384)
    assert starter32.encode_images([]).shape == (0, 384)


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[SLOW])
@given(order=st.permutations(range(len(TEXTS))), size=st.integers(2, 4))
def test_batch_size_and_order_never_change_a_text(
    starter32: Starter, order: list[int], size: int
) -> None:
    golden = np.load(FILE, allow_pickle=False)["texts"]
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    rows = [starter32.encode_texts([TEXTS[i] for i in batch]) for batch in batches]
    np.testing.assert_allclose(np.concatenate(rows), golden[order], atol=1e-4)


def test_batch_size_never_changes_a_picture(
    starter32: Starter, pictures: list[Image.Image]
) -> None:
    together = starter32.encode_images(pictures[::-1])[::-1]
    alone = np.concatenate([starter32.encode_images([picture]) for picture in pictures])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_fitted_picture_gives_the_same_vector(
    starter32: Starter, pictures: list[Image.Image]
) -> None:
    fitted = [starter32.fit_image(picture) for picture in pictures]
    np.testing.assert_array_equal(
        starter32.encode_images(fitted), starter32.encode_images(pictures)
    )


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000)])
def test_odd_shapes_are_taken(starter32: Starter, size: tuple[int, int]) -> None:
    assert starter32.encode_images([Image.new("RGB", size, "red")]).shape == (1, 384)


def test_words_find_their_picture(starter32: Starter, pictures: list[Image.Image]) -> None:
    scores = starter32.encode_texts(["a palace in Asia", "a daisy flower"])
    scores = scores @ starter32.encode_images(pictures[:2]).T
    assert scores.argmax(axis=1).tolist() == [0, 1]


def test_bfloat16_stays_close_and_keeps_the_fingerprint(
    starter32: Starter, pictures: list[Image.Image]
) -> None:
    other = load_encoder(STARTER, Settings(device="cpu", precision="bfloat16"))
    assert other.precision == "bfloat16"
    assert other.fingerprint == starter32.fingerprint
    texts = (other.encode_texts(TEXTS) * starter32.encode_texts(TEXTS)).sum(axis=1)
    images = (other.encode_images(pictures) * starter32.encode_images(pictures)).sum(axis=1)
    assert min(texts.min(), images.min()) >= 0.999


def test_tokens_are_counted_uncut(starter32: Starter) -> None:
    words = 500
    assert starter32.count_tokens(["word " * words, ""]) == [words + 2, 2]
    assert '"truncation":null' in starter32.tokenizer_json().replace(" ", "").replace("\n", "")


def test_shipped_class_names_are_the_encoders_own(starter32: Starter) -> None:
    some = slice(0, 1000, 50)
    texts = [
        [template.format(name) for name in open_clip.IMAGENET_CLASSNAMES[some]]
        for template in starter.NAME_TEMPLATES
    ]
    made = unit_rows(np.sum([starter32.encode_texts(t) for t in texts], axis=0), 384)
    np.testing.assert_allclose(starter.class_names()[some], made, atol=1e-3)


def test_loads_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("starter reached for the network")

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    load_encoder(STARTER, Settings(device="cpu", precision="float32"))


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"other weights")
    with pytest.raises(Unavailable, match="SHA-256"):
        check_sha256(tmp_path / "model", "0" * 64)


@pytest.mark.parametrize(
    ("package", "path"), [("no-such-package", "x"), (starter.TEXT_PACKAGE, "gone.bin")]
)
def test_a_missing_package_or_file_is_named(package: str, path: str) -> None:
    with pytest.raises(Unavailable, match=package):
        packaged(package, path)


@pytest.mark.parametrize("bad", [[[np.nan, 1.0]], [[0.0, 0.0]], [[1.0, 2.0, 3.0]]])
def test_rows_that_are_no_vectors_are_refused(bad: list[list[float]]) -> None:
    with pytest.raises(BadVector):
        unit_rows(np.array(bad), 2)
