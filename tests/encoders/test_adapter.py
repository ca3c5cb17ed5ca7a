"""What docs/extending.md says of a model adapter, done: an invented one, added by its own file and one line, serves a
collection from upload to hit; and every adapter has what its row promises."""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from samespace.core.errors import InvalidRequest, Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.encoders.adapters import ADAPTERS, Adapter, AdapterCode, adapter_of, custom_model
from samespace.encoders.load import Encoders, load_encoder
from samespace.encoders.presets import PRESETS
from samespace.encoders.spaces import check_name, spaces_of
from samespace.operations.stack.preflight import check_models
from tests.api.tunes import shown_in_the_docs
from tests.api.world import World, open_world
from tests.services import ROOT

SECTION = "A model adapter"
WORDS = {"": [0.1, 0.1, 0.1], "cat": [1, 0, 0], "kitten": [0.9, 0.1, 0], "boat": [0, 0, 1]}


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its file and its line, both as the page shows them."""
    module = shown_in_the_docs(SECTION, "samespace/encoders/words.py")
    monkeypatch.setitem(sys.modules, "samespace.encoders.words", module)
    row = eval(_line(), {"Adapter": Adapter})  # noqa: S307
    monkeypatch.setitem(ADAPTERS, row.kind, row)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "words.json").write_text(json.dumps(WORDS))
    return folder


@pytest.fixture
def world(adapter: ModuleType, folder: Path, tmp_path: Path, redis_url: str) -> Iterator[World]:
    encoders = Encoders(Settings(device="cpu"))
    with open_world(tmp_path, redis_url, encoders, preset=f"words:{folder}") as world:
        yield world
    encoders.close()


def _section() -> str:
    page = (ROOT / "docs" / "extending.md").read_text()
    return page.partition(f"## {SECTION}\n")[2].partition("\n## ")[0]


def _line() -> str:
    [line] = re.findall(r"```python\nWORDS = (Adapter\(.*\))\n```", _section())
    return str(line)


def test_its_models_go_from_upload_to_hit(world: World, folder: Path) -> None:
    name = world.collection()
    world.add(name, "The kitten sleeps.", "A boat sails.")
    assert len(world.ingest()) == 2
    answer = world.client.post(f"/v1/collections/{name}/search", json={"query": "cat"}).json()
    assert [hit["text"] for hit in answer["hits"]] == ["The kitten sleeps.", "A boat sails."]
    [made] = world.services.records.collections.all()
    [index] = made.indexes
    assert (index.space.kind, index.space.model, index.dim) == ("words", str(folder), 3)


def test_its_names_are_known_and_checked(adapter: ModuleType, folder: Path, tmp_path: Path) -> None:
    check_name(f"words:{folder}")
    with pytest.raises(InvalidRequest, match=r"onnx:<folder>, words:<folder>$"):
        check_name("word:x")
    with pytest.raises(Unavailable, match="nowhere is not a folder with a model"):
        check_models(Settings(preset=f"words:{tmp_path}/nowhere"), print)
    (folder / "words.json").write_text(json.dumps({**WORDS, "": [0, 0, 0]}))
    (space,) = spaces_of(f"words:{folder}")
    with pytest.raises(Misconfigured, match="of text, vector 0 of 2 has length 0"):
        load_encoder(space, Settings(device="cpu"))


def test_a_space_of_a_kind_that_is_gone_is_named(folder: Path) -> None:
    space = spaces_of("starter")[0].__class__("words", "words", str(folder), 3, frozenset(), 9)
    with pytest.raises(InvalidRequest, match="is of kind 'words', which no adapter loads"):
        adapter_of(space)


@pytest.mark.parametrize("row", ADAPTERS.values(), ids=lambda row: row.kind)
def test_every_adapter_has_what_the_protocol_says(row: Adapter) -> None:
    for name, wanted in inspect.getmembers(AdapterCode, inspect.isfunction):
        if not name.startswith("_"):
            given = inspect.signature(getattr(row.code, name))
            assert len(given.parameters) == len(inspect.signature(wanted).parameters) - 1, name
    assert all(form.startswith(f"{row.prefix}:") for form in row.forms)
    assert bool(row.prefix) == bool(row.forms)


def test_presets_and_prefixes_name_their_adapter() -> None:
    for spaces in PRESETS.values():
        for space in spaces:
            assert adapter_of(space).kind == space.kind
    found = custom_model("open_clip:local-dir:/a:b")
    assert found is not None
    assert (found[0].kind, found[1]) == ("open_clip", "local-dir:/a:b")
    assert custom_model("starter") is custom_model("st:") is custom_model(":x") is None


@pytest.mark.parametrize("section", ["A modality", SECTION])
def test_the_section_fits_on_a_page(section: str) -> None:
    page = (ROOT / "docs" / "extending.md").read_text()
    text = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    assert 20 < len(text.splitlines()) <= 100
    assert np.mean([len(line) for line in text.splitlines()]) < 120
