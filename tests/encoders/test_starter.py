"""The space that works from package registries alone."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.errors import BadVector, Unavailable
from samespace.core.settings import Settings
from samespace.encoders import clip, sentences, starter
from samespace.encoders.device import Compute
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.rows import unit_rows
from samespace.encoders.tower import pin_of, read_tower
from samespace.encoders.weights import check_sha256, packaged
from samespace.encoders.written import is_whole
from tests.encoders.golden import FILE, TEXTS

Starter = clip.ClipEncoder
MB = 1024 * 1024
SLOW = HealthCheck.too_slow  # says how busy the machine is, not how good the test


def test_vectors_are_the_golden_ones(starter32: Starter, pictures: list[Image.Image]) -> None:
    golden = np.load(FILE, allow_pickle=False)
    assert starter32.fingerprint == str(golden["fingerprint"])
    np.testing.assert_allclose(starter32.encode(of_texts(TEXTS)), golden["texts"], atol=1e-3)
    np.testing.assert_allclose(starter32.encode(of_images(pictures)), golden["pictures"], atol=1e-3)


def test_rows_are_unit_and_float32(starter32: Starter, pictures: list[Image.Image]) -> None:
    for rows in (starter32.encode(of_texts(TEXTS)), starter32.encode(of_images(pictures))):
        assert rows.dtype == np.float32
        assert rows.shape[1] == STARTER.dim
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(starter32: Starter) -> None:
    assert starter32.encode(of_texts([])).shape == (0, 384)
    assert starter32.encode(of_images([])).shape == (0, 384)


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[SLOW])
@given(order=st.permutations(range(len(TEXTS))), size=st.integers(2, 4))
def test_batch_size_and_order_never_change_a_text(
    starter32: Starter, order: list[int], size: int
) -> None:
    golden = np.load(FILE, allow_pickle=False)["texts"]
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    rows = [starter32.encode(of_texts([TEXTS[i] for i in batch])) for batch in batches]
    np.testing.assert_allclose(np.concatenate(rows), golden[order], atol=1e-4)


def test_batch_size_never_changes_a_picture(
    starter32: Starter, pictures: list[Image.Image]
) -> None:
    together = starter32.encode(of_images(pictures[::-1]))[::-1]
    alone = np.concatenate([starter32.encode(of_images([picture])) for picture in pictures])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_fitted_picture_gives_the_same_vector(
    starter32: Starter, pictures: list[Image.Image]
) -> None:
    contents = of_images(pictures)
    np.testing.assert_array_equal(
        starter32.encode(starter32.fit(contents)), starter32.encode(contents)
    )


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000)])
def test_odd_shapes_are_taken(starter32: Starter, size: tuple[int, int]) -> None:
    assert starter32.encode(of_images([Image.new("RGB", size, "red")])).shape == (1, 384)


def test_words_find_their_picture(starter32: Starter, pictures: list[Image.Image]) -> None:
    scores = starter32.encode(of_texts(["a palace in Asia", "a daisy flower"]))
    scores = scores @ starter32.encode(of_images(pictures[:2])).T
    assert scores.argmax(axis=1).tolist() == [0, 1]


@pytest.mark.slow
def test_bfloat16_stays_close_and_keeps_the_fingerprint(
    starter32: Starter, pictures: list[Image.Image], models: Path
) -> None:
    other = load_encoder(STARTER, Settings(device="cpu", precision="bfloat16", models=models))
    assert other.precision == "bfloat16"
    assert other.fingerprint == starter32.fingerprint
    texts = (other.encode(of_texts(TEXTS)) * starter32.encode(of_texts(TEXTS))).sum(axis=1)
    images = (other.encode(of_images(pictures)) * starter32.encode(of_images(pictures))).sum(axis=1)
    assert min(texts.min(), images.min()) >= 0.999


def test_tokens_are_counted_uncut(starter32: Starter) -> None:
    words = 500
    assert starter32.count_tokens(["word " * words, ""]) == [words + 2, 2]
    assert '"truncation":null' in starter32.tokenizer_json().replace(" ", "").replace("\n", "")


def test_texts_are_sentence_transformers_own(starter32: Starter) -> None:
    own = sentences.load(STARTER, Compute("cpu", "float32"), starter.text_folder())
    uncleaned = [
        "It\u2019s \u201cquoted\u201d",
        "Fish &amp; chips &lt;b&gt;",
        "\uff26ull \ufb01ne\n\t\xc3\xa9",
    ]
    texts = [*TEXTS, *uncleaned]
    np.testing.assert_allclose(
        starter32.encode(of_texts(texts)), own.encode(of_texts(texts)), atol=1e-4
    )
    assert starter32.count_tokens(texts) == own.count_tokens(texts)
    assert starter32.tokenizer_json() == own.tokenizer_json()


def test_loads_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    # Stacks that other tests share go on asking their parts how they are.
    others = set(threading.enumerate()) - {threading.current_thread()}

    def refused(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def reach(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() not in others:
                raise AssertionError(f"starter reached for the network ({name})")
            return real(*args, **kwargs)

        return reach

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(socket, "getaddrinfo", refused("getaddrinfo", socket.getaddrinfo))
    monkeypatch.setattr(socket.socket, "connect", refused("connect", socket.socket.connect))
    load_encoder(STARTER, Settings(device="cpu", precision="float32", models=tmp_path))


def test_the_shipped_tower_is_small_and_half() -> None:
    assert starter.TOWER_FILE.stat().st_size <= 12 * MB
    weights = read_tower(starter.TOWER_FILE).weights.values()
    assert {tensor.dtype for tensor in weights if tensor.ndim > 1} == {torch.float16}


@pytest.fixture
def tower_file(tmp_path: Path) -> Path:
    """The shipped tower with its pin, to be damaged."""
    copied = Path(shutil.copy(starter.TOWER_FILE, tmp_path))
    shutil.copy(pin_of(starter.TOWER_FILE), tmp_path)
    return copied


def test_a_changed_tower_is_refused(tower_file: Path, tmp_path: Path) -> None:
    with tower_file.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    with pytest.raises(Unavailable, match="SHA-256"):
        starter.assemble(tmp_path / "models", tower_file)


def test_a_missing_tower_is_named(tower_file: Path, tmp_path: Path) -> None:
    tower_file.unlink()
    with pytest.raises(Unavailable, match=tower_file.name):
        starter.assemble(tmp_path / "models", tower_file)


def test_a_folder_is_written_once_and_again_when_damaged(models: Path, tmp_path: Path) -> None:
    folder = Path(
        shutil.copytree(starter.assemble(models), tmp_path / starter.assemble(models).name)
    )
    weights = folder / "open_clip_model.safetensors"
    before = weights.stat()
    assert starter.assemble(tmp_path) == folder
    assert weights.stat().st_mtime_ns == before.st_mtime_ns
    os.truncate(weights, 1000)
    starter.assemble(tmp_path)
    assert weights.stat().st_size == before.st_size
    assert is_whole(folder)


def test_a_place_that_takes_no_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=r"file/starter-.*SAMESPACE_MODELS"):
        starter.assemble(tmp_path / "file")


@pytest.mark.slow
def test_two_processes_may_write_it_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from samespace.encoders import starter;"
        f"sys.stdin.read(1); print(starter.assemble(Path({str(tmp_path)!r})))"
    )
    command = [sys.executable, "-c", code]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    folders = {process.communicate("\n")[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(folders) == 1
    assert is_whole(Path(folders.pop()))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


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
