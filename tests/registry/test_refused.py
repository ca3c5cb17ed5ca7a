"""What is refused says why, and leaves nothing: neither on record nor in the store."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from samespace.core.errors import InvalidRequest, OutOfSpace
from samespace.encoders.packed import KIND
from samespace.registry import memory
from samespace.registry.add import add_model
from samespace.registry.card import CARD, licence_of
from samespace.registry.files import choose
from samespace.registry.source import understand
from tests.encoders.test_clip import TINY
from tests.encoders.test_clip import folder_of as clip_folder
from tests.registry.host import Host, host
from tests.store.memory_index import MemoryIndex


def weights_only_as_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def a_module_as_pickle(folder: Path) -> None:
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "weights.pkl").write_bytes(b"\x80\x04.")


def not_finite(folder: Path) -> None:
    change(folder, np.nan)


def all_zero(folder: Path) -> None:
    change(folder, 0)


def change(folder: Path, factor: float) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: (value * factor).astype(value.dtype) for name, value in weights.items()},
        folder / "model.safetensors",
    )


def cut_short(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])


def no_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"these are no weights at all")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def no_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)


def other_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 64}))


def own_code(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "theirs.Transformer"
    (folder / "modules.json").write_text(json.dumps(modules))


def broken_card(folder: Path) -> None:
    (folder / CARD).write_text('{"data": {"items": "many"}}')


BAD = [
    (weights_only_as_pickle, r"pytorch_model\.bin may hold code.*safetensors"),
    (a_module_as_pickle, r"weights\.pkl may hold code"),
    (not_finite, r"length nan"),
    (all_zero, r"length 0"),
    (cut_short, "model.safetensors is no safetensors file, or is damaged"),
    (no_safetensors, "model.safetensors is no safetensors file"),
    (no_weights, "holds no weights"),
    (no_tokenizer, "same vector of different texts"),
    (other_shape, "'bad' is not taken|cannot be loaded"),
    (own_code, "code that it brings along"),
    (broken_card, "is no card of a model"),
]


@pytest.mark.parametrize(("harm", "said"), BAD, ids=[harm.__name__ for harm, _ in BAD])
def test_a_bad_model_is_refused(
    one: Host, tiny: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(tiny)
    with pytest.raises(InvalidRequest, match=said) as refused:
        add_model(str(tiny), one.services, name="bad", licence="MIT")
    assert ".adding-" not in str(refused.value)
    assert_nothing_left(one)


def assert_nothing_left(one: Host) -> None:
    assert one.services.records.registry.all() == []
    assert list(one.services.blobs.keys(KIND)) == []
    assert one.services.records.garbage.is_empty()
    left = [each.name for each in one.models.iterdir()] if one.models.exists() else []
    assert [name for name in left if name.startswith((".adding", "packed"))] == []


def test_an_open_clip_model_of_another_dimension_than_it_says(one: Host, tmp_path: Path) -> None:
    folder = tmp_path / "clip"
    clip_folder(folder, TINY)
    (folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": {**TINY, "embed_dim": 48}})
    )
    with pytest.raises(InvalidRequest, match=r"'bad' is not taken"):
        add_model(str(folder), one.services, name="bad", licence="MIT")
    assert_nothing_left(one)


def test_a_model_that_nobody_licensed_is_refused_until_somebody_says_it(
    one: Host, tiny: Path
) -> None:
    (tiny / "README.md").unlink(missing_ok=True)
    with pytest.raises(InvalidRequest, match="--licence"):
        add_model(str(tiny), one.services, name="mine")
    (tiny / "LICENSE").write_text("\n  Apache License\n  Version 2.0\n")
    assert add_model(str(tiny), one.services, name="mine").model.licence == "Apache License"


def test_the_licence_of_a_card_comes_first(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Some text")
    (tmp_path / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# It\n")
    assert licence_of(tmp_path) == "apache-2.0"
    (tmp_path / "README.md").write_text(
        "---\nlicense: other\nlicense_name: gemma\n---\nlicense: none\n"
    )
    assert licence_of(tmp_path) == "gemma"
    (tmp_path / "README.md").write_text("# No front matter\nlicense: mit\n")
    assert licence_of(tmp_path) == "Some text"


def test_a_model_that_does_not_fit_into_memory_is_refused(
    one: Host, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda _: 1 << 20)
    with pytest.raises(InvalidRequest, match=r"needs about \d+ MB in float32 on cpu, where 1 MB"):
        add_model(str(tiny), one.services, name="bad", licence="MIT")
    assert_nothing_left(one)


def test_a_container_has_less_than_its_machine(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 400\ninactive_file 200\nactive_file 100\n")
    assert memory._free_in_groups(tmp_path) == [500]
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._free_in_groups(tmp_path) == []


def test_a_model_that_has_no_room_on_the_disk_is_refused(
    one: Host, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(OutOfSpace, match="SAMESPACE_MODELS"):
        add_model(str(tiny), one.services, name="bad", licence="MIT")
    assert_nothing_left(one)


def test_a_store_that_would_be_too_full_takes_no_model(
    tmp_path: Path, tiny: Path, index: MemoryIndex
) -> None:
    with host(tmp_path / "data", "one", index, min_free_mb=10**9) as one:
        with pytest.raises(OutOfSpace, match="SAMESPACE_MIN_FREE_MB"):
            add_model(str(tiny), one.services, name="mine", licence="MIT")
        assert one.services.records.registry.all() == []
        assert list(one.services.blobs.keys(KIND)) == []


def test_what_is_no_part_of_the_model_stays_behind_and_is_told(tiny: Path) -> None:
    (tiny / "training_args.bin").write_bytes(b"\x80\x04.")
    (tiny / "logo.png").write_bytes(b"png")
    (tiny / "onnx").mkdir()
    (tiny / "onnx" / "model.onnx").write_bytes(b"onnx")
    (tiny / ".git").mkdir()
    (tiny / ".git" / "config.json").write_text("{}")
    chosen = choose(tiny)
    assert chosen.left_out == ("logo.png", "onnx/model.onnx", "training_args.bin")
    assert {"model.safetensors", "modules.json", "1_Pooling/config.json"} <= set(chosen.files)
    exported = choose(tiny, as_onnx=True)
    assert "onnx/model.onnx" in exported.files
    assert "model.safetensors" in exported.left_out


@pytest.mark.parametrize(
    ("said", "preset"),
    [
        ("st:org/name", "st:org/name"),
        ("org/name", "st:org/name"),
        ("open_clip:ViT-B-32/laion2b_s34b_b79k", "open_clip:ViT-B-32/laion2b_s34b_b79k"),
    ],
)
def test_names_of_a_hub(said: str, preset: str, tmp_path: Path) -> None:
    source = understand(said, tmp_path)
    assert (source.preset, source.folder, source.origin) == (preset, None, "hub")


def test_a_folder_is_known_by_what_lies_in_it(tiny: Path, tmp_path: Path) -> None:
    assert understand(str(tiny), tmp_path).preset == f"st:{tiny}"
    assert understand(f"st:{tiny}", tmp_path).preset == f"st:{tiny}"
    clip = tmp_path / "clip"
    clip_folder(clip, TINY)
    for said in (str(clip), f"open_clip:local-dir:{clip}"):
        assert understand(said, tmp_path).preset == f"open_clip:local-dir:{clip}"
    for nothing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InvalidRequest):
            understand(str(nothing), tmp_path)
