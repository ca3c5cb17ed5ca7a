"""The scripts of the page import downwards and in no circle, and what is tidied is not made untidy again."""

import os
from pathlib import Path

import pytest

from samespace.api.routes.page import FOLDER
from samespace.page.modules import imports_of
from tests.circles import circles

SCRIPTS = FOLDER.resolve() / "js"
VENDOR = FOLDER.resolve() / "vendor"
LIB, STATE, COMPONENTS = "lib", "state", "components"
SHARED = {LIB, STATE, COMPONENTS}
MAY_IMPORT = {
    LIB: {"vendor"},
    STATE: {LIB},
    COMPONENTS: {LIB, STATE},
    "upload": SHARED,
    "search": SHARED,
    "sort": SHARED,
    "map": SHARED,
    "collections": SHARED,
    "document": SHARED | {"search"},  # leads to searches for what is alike
    "compare": SHARED | {"search"},  # asks the same of two
    "views": SHARED | {"upload", "search", "sort", "map", "collections", "document", "compare"},
}
"""What a folder may import besides itself; `app.js` alone may import everything, and views not each other."""


def test_every_folder_has_its_row() -> None:
    assert {path.name for path in SCRIPTS.iterdir() if path.is_dir()} == set(MAY_IMPORT)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    own = set() if folder == "views" else {folder}
    wrong = {
        f"{_name(script)} -> {_name(target)}"
        for script in (SCRIPTS / folder).rglob("*.js")
        for target in imports_of(script)
        if _folder(target) not in own | MAY_IMPORT[folder]
    }
    assert wrong == set()


def test_nothing_is_imported_that_is_not_there() -> None:
    for script in SCRIPTS.rglob("*.js"):
        for target in imports_of(script):
            assert target.is_file(), f"{_name(script)} -> {_name(target)}"


def test_no_circle() -> None:
    graph = {script: imports_of(script) for script in SCRIPTS.rglob("*.js")}
    assert list(circles(graph)) == []


def test_a_circle_is_seen(tmp_path: Path) -> None:
    one, other, alone = (tmp_path / name for name in ("one.js", "other.js", "alone.js"))
    one.write_text('import {b} from "./other.js";\n')
    other.write_text('import "./one.js";\n')
    alone.write_text('import {a} from "./one.js";\n')
    graph = {script: imports_of(script) for script in (alone, one, other)}
    assert list(circles(graph)) == [[one, other, one]]


def _folder(script: Path) -> str:
    if script.is_relative_to(VENDOR):
        return "vendor"
    parts = script.relative_to(SCRIPTS).parts
    return parts[0] if len(parts) > 1 else ""


def _name(script: Path) -> str:
    return os.path.relpath(script, SCRIPTS)
