"""Exported texts are the model's own, or are not used; on a tiny model, and once on the starter."""

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.errors import Unavailable
from samespace.core.settings import Settings, as_environment
from samespace.core.types import Space
from samespace.encoders import clip, dual_backend, export, places, sentences
from samespace.encoders.backend_timings import Timings, write_timings
from samespace.encoders.device import Compute
from samespace.encoders.dual_backend import DualBackendEncoder
from samespace.encoders.exported import CLOSE, EXPECTED, MODEL, ExportedTexts, open_exported
from samespace.encoders.exporting import Exporting, read_space, write_space
from samespace.encoders.load import Encoders, load_encoder
from samespace.encoders.places import place_of, refusal_of
from samespace.encoders.presets import CLIP_B32, STARTER
from samespace.encoders.spaces import spaces_of
from samespace.encoders.weights import hashes_of
from samespace.encoders.written import RECORD, is_whole
from tests.encoders.golden import FILE, TEXTS
from tests.encoders.tiny import write_tiny

LONG = "more words than the model reads " * 40
MIXED = ["a", LONG, "Der Hund schläft.", "", "naïve café — 你好 😀"]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Space:
    return spaces_of(f"st:{write_tiny(tmp_path_factory.mktemp('tiny'))}")[0]


@pytest.fixture(scope="module")
def whole(space: Space) -> sentences.SentenceEncoder:
    return sentences.load(space, Compute("cpu", "float32"))


@pytest.fixture(scope="module")
def cache(space: Space, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model cache with the export of the tiny model."""
    models = tmp_path_factory.mktemp("models")
    exporting(space, settings_of(models))
    return models


@pytest.fixture
def place(space: Space, cache: Path) -> Path:
    return existing_place(space, cache)


def existing_place(space: Space, models: Path) -> Path:
    place = place_of(space, models)
    assert place is not None
    return place


def settings_of(models: Path, **more: Any) -> Settings:
    return Settings(
        device="cpu", precision=more.pop("precision", "bfloat16"), models=models, **more
    )


def exporting(space: Space, settings: Settings) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export.export(space, settings)


def made_already(cache: Path, models: Path) -> None:
    """Another model cache with the export of the tiny model: it takes seconds to make."""
    shutil.copytree(cache, models, dirs_exist_ok=True)


def cosines(rows: np.ndarray, expected: np.ndarray) -> float:
    return float((rows * expected).sum(axis=1).min())


def test_vectors_are_those_of_torch(
    space: Space, whole: sentences.SentenceEncoder, place: Path
) -> None:
    exported = open_exported(place, space, 2)
    assert exported is not None
    expected = whole.encode(of_texts(MIXED))
    alone = np.concatenate([exported.encode_query([text]) for text in MIXED])
    for rows in (alone, exported.encode_query(MIXED), exported.encode(MIXED)):
        assert cosines(rows, expected) >= CLOSE
        assert rows.dtype == np.float32
    assert exported.encode_query([]).shape == exported.encode([]).shape == (0, space.dim)
    many = [f"{text} {number}" for number in range(20) for text in MIXED]
    np.testing.assert_allclose(exported.encode_query(many), whole.encode(of_texts(many)), atol=1e-4)


def test_it_counts_and_parts_as_the_model_does(
    space: Space, whole: sentences.SentenceEncoder, place: Path
) -> None:
    exported = ExportedTexts(place, space, 1)
    assert exported.count_tokens(MIXED) == whole.count_tokens(MIXED)
    assert exported.tokenizer_json() == whole.tokenizer_json()
    assert exported.about.fingerprint == whole.fingerprint
    assert (exported.about.scale, exported.about.bias) == (whole.scale, whole.bias)


def test_a_damaged_export_is_made_anew(space: Space, cache: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    made_already(cache, tmp_path)
    place = existing_place(space, tmp_path)
    marks = hashes_of(place, ("*",))
    os.truncate(place / MODEL, 1000)
    left = tmp_path / f".{place.name}-killed"
    left.mkdir()
    assert open_exported(place, space, 1) is None
    exporting(space, settings)
    assert open_exported(place, space, 1) is not None
    assert hashes_of(place, ("*",)) == marks
    assert not left.exists()


def test_a_whole_export_is_not_made_again(
    space: Space, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "load_encoder", lambda *_: pytest.fail("the model was loaded"))
    exporting(space, settings_of(cache))


@contextmanager
def other_vectors_expected(place: Path) -> Iterator[None]:
    """As if what runs the export computed something else than torch did."""
    kept = {name: (place / name).read_bytes() for name in (EXPECTED, RECORD)}
    np.save(place / EXPECTED, np.load(place / EXPECTED)[::-1])
    (place / RECORD).write_text(json.dumps(hashes_of(place, ("*.npy", "*.onnx", "*.json"))))
    yield
    for name, content in kept.items():
        (place / name).write_bytes(content)


def test_what_is_not_close_to_torch_is_not_used(
    space: Space, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with other_vectors_expected(place):
        record = json.loads((place / RECORD).read_text())
        record.pop(RECORD, None)
        (place / RECORD).write_text(json.dumps(record))
        assert is_whole(place)
        assert open_exported(place, space, 1) is None
    assert "at least 0.9999 is wanted; torch is used" in caplog.text


def test_what_is_not_close_to_torch_is_not_kept(
    space: Space, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CLOSE", 1.1)
    monkeypatch.setattr(export, "_export", lambda _, file: shutil.copy(place / MODEL, file))
    with pytest.raises(Unavailable, match=r"at cosine (0.99|1.0)\d+ to torch, at least 1.1"):
        exporting(space, settings_of(tmp_path))
    refused = existing_place(space, tmp_path)
    assert list(refused.iterdir()) == []
    assert not any(each.name.startswith(".") for each in tmp_path.iterdir())
    assert "at least 1.1 is wanted" in refusal_of(refused).read_text()
    encoder = pair(space, tmp_path)
    encoder.prepare()
    for thread in exports():
        thread.join()
    assert encoder._exporting is None, "it was tried before, with these very libraries"
    encoder.close()


def test_a_disk_that_is_full_may_not_be_so_another_time(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export, "_export", full)
    with pytest.raises(OSError, match="No space left"):
        exporting(space, settings_of(tmp_path))
    assert not refusal_of(existing_place(space, tmp_path)).exists()


def test_without_onnx_runtime_torch_is_used(
    space: Space, place: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert open_exported(place, space, 1) is None
    with pytest.raises(Unavailable, match="pip install onnxruntime"):
        exporting(space, settings_of(cache))


def test_a_place_is_that_of_one_model_and_its_libraries(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = place_of(space, tmp_path)
    assert mine == place_of(space, tmp_path)
    assert place_of(replace(space, scale=3.0), tmp_path) != mine
    assert place_of(replace(space, query_prompt="q: "), tmp_path) != mine
    monkeypatch.setattr(places, "version", lambda name: f"{name} of tomorrow")
    assert place_of(space, tmp_path) != mine


def test_texts_that_are_cleaned_first_have_no_place(tmp_path: Path) -> None:
    assert place_of(CLIP_B32, tmp_path) is None
    folder = tmp_path / "model"
    folder.mkdir()
    local = replace(CLIP_B32, model=f"{clip.LOCAL}{folder}")
    assert place_of(local, tmp_path) is None
    (folder / clip.CONFIG).write_text("{}")
    assert place_of(local, tmp_path) is None
    (folder / clip.CONFIG).write_text(json.dumps({clip.OWN: {"clean_texts": False}}))
    assert place_of(local, tmp_path) is not None


@pytest.mark.parametrize("space", [STARTER, CLIP_B32, replace(CLIP_B32, scale=2.5, revision="x")])
def test_a_space_is_written_and_read(space: Space) -> None:
    line = write_space(space)
    assert "\n" not in line
    assert read_space(line) == space


# the pair


def pair(space: Space, models: Path, **more: Any) -> DualBackendEncoder:
    settings = settings_of(models, **more)
    return DualBackendEncoder(
        space, settings, existing_place(space, models), lambda: load_encoder(space, settings)
    )


def forbidden() -> Any:
    pytest.fail("the whole model was loaded")


def exports() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "export"]


def test_questions_need_no_whole_model(
    space: Space, cache: Path, place: Path, whole: sentences.SentenceEncoder
) -> None:
    encoder = DualBackendEncoder(space, settings_of(cache), place, forbidden)
    assert (encoder.fingerprint, encoder.scale, encoder.bias) == (
        whole.fingerprint,
        whole.scale,
        whole.bias,
    )
    assert encoder.count_tokens(["a"]) == [3]
    assert encoder.tokenizer_json() == whole.tokenizer_json()
    rows = encoder.encode_query(of_texts(MIXED))
    assert rows is not None
    assert cosines(rows, whole.encode(of_texts(MIXED))) >= CLOSE
    encoder.close()


def test_to_count_what_was_done_loads_nothing(space: Space, cache: Path) -> None:
    encoders = Encoders(settings_of(cache))
    encoder = encoders.get(space)
    assert encoders.stats() == {}
    encoder.encode(of_texts(["a question"]), interactive=True)
    [(name, stats)] = encoders.stats().items()
    assert (name, stats.items) == (f"{space.name}:{encoder.fingerprint[:12]}", 1)
    encoders.close()


def test_bulk_in_another_precision_is_the_whole_models(space: Space, cache: Path) -> None:
    encoder = pair(space, cache)
    own = load_encoder(space, settings_of(cache))
    np.testing.assert_array_equal(encoder.encode(of_texts(MIXED)), own.encode(of_texts(MIXED)))
    assert encoder.precision == "bfloat16"
    for thread in exports():
        thread.join()
    assert encoder._exporting is None, "everything was there"
    encoder.close()


@pytest.mark.parametrize("faster", [True, False])
def test_bulk_in_float32_goes_the_faster_way(
    space: Space, cache: Path, place: Path, whole: sentences.SentenceEncoder, *, faster: bool
) -> None:
    write_timings(place, 2, Timings(exported=1.0 if faster else 3.0, torch=2.0))
    encoder = pair(space, cache, precision="float32", threads=2)
    encoder.prepare()
    assert encoder._torch.is_loaded is not faster
    assert cosines(encoder.encode(of_texts(MIXED)), whole.encode(of_texts(MIXED))) >= CLOSE
    assert encoder._torch.is_loaded is not faster
    encoder.close()


class Stub:
    """In place of the child process: what `wait` says is what went wrong."""

    def __init__(self, problem: str, lasts: threading.Event, work: Callable[[], None]) -> None:
        self.problem, self.lasts, self.work = problem, lasts, work

    def wait(self) -> str:
        assert self.lasts.wait(60)
        if not self.problem:
            self.work()
        return self.problem

    def close(self) -> None:
        self.problem = "killed"
        self.lasts.set()


@pytest.fixture
def lasts(
    cache: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> threading.Event:
    """The child process ends when this is set; its problem is the test's parameter, without one its work is done."""
    lasts = threading.Event()
    problem = getattr(request, "param", "")

    def child(space: Space, settings: Settings) -> Stub:
        def work() -> None:
            made_already(cache, settings.models)
            exporting(space, settings)  # what is left: to measure, where that decides something

        return Stub(problem, lasts, work)

    monkeypatch.setattr(dual_backend, "Exporting", child)
    return lasts


def test_torch_answers_until_the_export_is_there(
    space: Space, tmp_path: Path, whole: sentences.SentenceEncoder, lasts: threading.Event
) -> None:
    encoder = pair(space, tmp_path, precision="float32")
    assert encoder.encode_query(of_texts(MIXED)) is None
    np.testing.assert_array_equal(encoder.encode(of_texts(MIXED)), whole.encode(of_texts(MIXED)))
    lasts.set()
    for thread in exports():
        thread.join()
    rows = encoder.encode_query(of_texts(MIXED))
    assert rows is not None
    assert cosines(rows, whole.encode(of_texts(MIXED))) >= CLOSE
    assert encoder.fingerprint == whole.fingerprint
    encoder.close()


@pytest.mark.parametrize("lasts", ["the disk is full"], indirect=True)
def test_torch_goes_on_where_an_export_fails(
    space: Space, tmp_path: Path, lasts: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = pair(space, tmp_path)
    encoder.prepare()
    lasts.set()
    for thread in exports():
        thread.join()
    assert encoder.encode_query(of_texts(MIXED)) is None
    assert encoder.encode(of_texts(MIXED)).shape == (len(MIXED), space.dim)
    assert caplog.text.count(f"texts of {space.model} stay with torch: the disk is full") == 1
    encoder.close()


def test_closing_ends_an_export(space: Space, tmp_path: Path, lasts: threading.Event) -> None:
    encoder = pair(space, tmp_path)
    encoder.prepare()
    encoder.close()
    for thread in exports():
        thread.join()
    assert encoder.encode_query(of_texts(MIXED)) is None


@pytest.mark.parametrize("asked_before", [True, False])
def test_an_export_of_another_model_is_dropped(
    space: Space,
    cache: Path,
    place: Path,
    caplog: pytest.LogCaptureFixture,
    *,
    asked_before: bool,
) -> None:
    other = replace(space, query_prompt="another: ")
    settings = settings_of(cache)
    encoder = DualBackendEncoder(space, settings, place, lambda: load_encoder(other, settings))
    if asked_before:
        assert encoder.encode_query(of_texts(MIXED)) is not None
    encoder.prepare()
    for thread in exports():
        thread.join()
    assert encoder.encode_query(of_texts(MIXED)) is None
    assert encoder.fingerprint == sentences.fingerprint_of(other)
    assert "is of another model; torch is used" in caplog.text
    encoder.close()


def test_a_service_answers_questions_without_torch(space: Space, cache: Path) -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from samespace.core.settings import read_settings\n"
        "from samespace.encoders.exporting import read_space\n"
        "from samespace.encoders.load import Encoders\n"
        "encoders = Encoders(read_settings())\n"
        "encoder = encoders.get(read_space(sys.stdin.read()))\n"
        "from samespace.core.content import of_texts\n"
        "assert encoder.encode(of_texts(['a question']), interactive=True).shape == (1, 32)\n"
        "encoders.close()\n"
        "print(sorted({'torch', 'transformers', 'open_clip'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=write_space(space),
        capture_output=True,
        env=as_environment(settings_of(cache)),
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.slow
def test_two_processes_may_export_at_once(space: Space, tmp_path: Path) -> None:
    both = [Exporting(space, settings_of(tmp_path)) for _ in range(2)]
    assert [each.wait() for each in both] == ["", ""]
    assert is_whole(existing_place(space, tmp_path))
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.slow
def test_a_child_that_fails_says_why(space: Space, tmp_path: Path) -> None:
    existing_place(space, tmp_path).touch()
    child = Exporting(space, settings_of(tmp_path))
    assert "File exists" in child.wait()


@pytest.mark.slow
def test_the_starter_answers_with_its_golden_vectors(
    starter32: clip.ClipEncoder, models: Path, pictures: list[Image.Image]
) -> None:
    exporting(STARTER, settings_of(models))
    encoder = pair(STARTER, models)
    golden = np.load(FILE, allow_pickle=False)
    assert encoder.fingerprint == str(golden["fingerprint"])
    assert (encoder.scale, encoder.bias) == (starter32.scale, starter32.bias)
    rows = encoder.encode_query(of_texts(TEXTS))
    assert rows is not None
    assert cosines(rows, golden["texts"]) >= CLOSE
    assert encoder.count_tokens(TEXTS) == starter32.count_tokens(TEXTS)
    assert encoder.tokenizer_json() == starter32.tokenizer_json()
    assert not encoder._torch.is_loaded
    fitted = encoder.fit(of_images(pictures))
    assert cosines(encoder.encode(fitted), golden["pictures"]) >= 0.999
    assert cosines(encoder.encode(of_texts(TEXTS)), golden["texts"]) >= 0.999
    encoder.close()
