"""Imports point down, light parts stay light, and the wheel holds everything."""

import ast
import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.circles import circles

ROOT = Path(__file__).parent.parent
WHEEL = ("ingest", "search", "workers", "samespace")
TOPS = (*WHEEL, "recipes")

# What each part may import besides itself.
_STORES = {"samespace.encoders", "samespace.store", "samespace.core"}
_REGISTRY = {"samespace.registry"}
_USE_CASES = {"ingest", "search", "samespace.learn"}
_OPERATIONS = {"samespace.operations.backup", "samespace.operations.verify"}
MAY_IMPORT = {
    "samespace.core": set[str](),
    "samespace.store": {"samespace.core"},
    "samespace.encoders": {"samespace.core"},
    "samespace.services": _STORES,
    "samespace.registry": _STORES | {"samespace.services"},
    "samespace.wiring": _STORES | {"ingest", "samespace.services"},
    "ingest": _STORES | _REGISTRY | {"samespace.services"},
    "search": _STORES | {"samespace.services"},
    "samespace.learn": _STORES,
    "samespace.client": {"samespace.core"},
    "samespace.page": set[str](),  # files for the browser, and what they import
    "samespace.operations.backup": {"samespace.store", "samespace.core"},
    "samespace.operations.verify": _STORES | {"samespace.services"},
    "workers": _STORES
    | _REGISTRY
    | _USE_CASES
    | {"samespace.services", "samespace.operations.verify"},
    "samespace.api": _STORES
    | _REGISTRY
    | _USE_CASES
    | {"samespace.services", "workers", "samespace.page"},
    # The embedded stack starts the API, the workers and the index.
    "samespace.operations": _STORES | _REGISTRY | _OPERATIONS | {"workers", "samespace.api"},
    "samespace.cli": _STORES
    | _REGISTRY
    | _USE_CASES
    | _OPERATIONS
    | {
        "samespace.services",
        "workers",
        "samespace.api",
        "samespace.operations",
        "samespace.client",
    },
    # How what is shipped was made, and the demo; beside the wheel.
    "recipes": _STORES
    | {
        "ingest",
        "samespace.learn",
        "samespace.api",
        "samespace.operations",
        "samespace.client",
        "samespace.cli",
    },
}
WIRING = "samespace.wiring"
ENTRY_POINTS = {"workers", "samespace.api", "samespace.cli", "samespace.operations"}
HEAVY = ("torch", "open_clip", "sentence_transformers", "transformers", "timm", "pymilvus")
SERVER = ("sqlalchemy", "celery", "fastapi", "boto3", "milvus_lite")


@cache
def _modules() -> dict[str, Path]:
    """All modules of the project by name."""
    files = [path for top in TOPS for path in (ROOT / top).rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
    }


def _imports(name: str, path: Path) -> Iterator[str]:
    """The names a module imports from the project, wherever in it: also when called, also for types."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _part(name: str) -> str | None:
    """The part of the house a name belongs to."""
    return next((part for part in MAY_IMPORT if f"{name}.".startswith(f"{part}.")), None)


def _edges() -> Iterator[tuple[str, str]]:
    for name, path in _modules().items():
        for imported in _imports(name, path):
            if imported.split(".")[0] in TOPS:
                yield name, imported


def test_every_module_is_in_a_part() -> None:
    assert {name for name in _modules() if _part(name) is None} == {"samespace"}
    assert {_part(name) for name in _modules()} >= set(MAY_IMPORT)


def test_imports_point_down() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, imported in _edges()
        if _part(imported) not in {_part(name), WIRING}
        and _part(imported) not in MAY_IMPORT[_part(name) or "samespace.core"]
    ]

    assert wrong == []


def test_no_files_import_each_other() -> None:
    modules = _modules()
    edges: dict[str, list[str]] = {name: [] for name in modules}
    for name, imported in _edges():
        target = imported if imported in modules else imported.rpartition(".")[0]
        if target in modules and target != name:
            edges[name].append(target)

    assert list(circles(edges)) == []


def test_circles_of_files_are_seen() -> None:
    edges = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["d2"], "d2": list[str]()}

    assert [sorted(set(way)) for way in circles(edges)] == [["a", "b", "c"]]


def test_the_wiring_imports_only_what_services_hold() -> None:
    imported = {target for name, target in _edges() if name == WIRING}
    parts = {_part(target) for target in imported}

    assert parts == {
        "samespace.core",
        "samespace.encoders",
        "samespace.store",
        "samespace.services",
        "ingest",
    }
    assert {each for each in imported if _part(each) == "ingest"} == {"ingest.sandbox.Sandbox"}


def test_only_entry_points_import_the_wiring() -> None:
    wrong = {
        name
        for name, imported in _edges()
        if f"{imported}.".startswith(f"{WIRING}.") and _part(name) not in ENTRY_POINTS
    }

    assert wrong == set()


def test_the_api_asks_the_workers_only_through_submit_and_knows_the_kinds_of_jobs() -> None:
    wrong = {
        (name, imported)
        for name, imported in _edges()
        if _part(name) == "samespace.api"
        and _part(imported) == "workers"
        and not f"{imported}.".startswith(("workers.submit.", "workers.kinds."))
    }

    assert wrong == set()


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import ingest.parse as p", ["ingest.parse"]),
        (
            "from samespace.core import errors, types",
            ["samespace.core.errors", "samespace.core.types"],
        ),
        ("from . import sql", ["samespace.store.sql"]),
        ("from ..core.types import Item", ["samespace.core.types.Item"]),
        ("def f():\n    import workers.app", ["workers.app"]),
    ],
)
def test_the_tests_see_every_kind_of_import(
    tmp_path: Path, source: str, imported: list[str]
) -> None:
    path = tmp_path / "blobs.py"
    path.write_text(source)

    assert list(_imports("samespace.store.blobs", path)) == imported


def _loaded_by(module: str) -> set[str]:
    """The top-level modules that stand in memory after this import, in a process of its own."""
    code = f"import sys, json, {module}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=ROOT, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("samespace.client", (*HEAVY, *SERVER)),
        ("samespace.cli.main", HEAVY),
        ("workers.submit", HEAVY),
        ("workers.kinds", HEAVY),
        ("samespace.store.records", HEAVY),
        ("samespace.encoders.presets", HEAVY),
        ("samespace.wiring", HEAVY),
    ],
)
def test_light_parts_stay_light(module: str, unwanted: tuple[str, ...]) -> None:
    if module not in _modules():
        pytest.skip(f"{module} is not there yet")

    assert _loaded_by(module).isdisjoint(unwanted)


def _listed_packages() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages: list[str] = project["tool"]["setuptools"]["packages"]
    return packages


def test_every_package_is_listed() -> None:
    there = {
        name
        for name, path in _modules().items()
        if path.name == "__init__.py" and name.split(".")[0] in WHEEL
    }

    assert set(_listed_packages()) == there


def test_no_module_lies_outside_a_package() -> None:
    assert {
        path for path in _modules().values() if not (path.parent / "__init__.py").exists()
    } == set()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a clean copy, unpacked where a path may look odd."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for top in TOPS:  # what may not come in lies beside what must
        shutil.copytree(ROOT / top, source / top, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*build, str(source)], capture_output=True, check=False, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    target = folder / "100% odd"
    zipfile.ZipFile(wheel).extractall(target)
    return target


def _data_files(root: Path) -> set[str]:
    return {
        str(path.relative_to(root))
        for top in WHEEL
        for path in (root / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_every_package(unpacked: Path) -> None:
    assert _data_files(unpacked) == _data_files(ROOT)
    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == set(WHEEL)


@pytest.mark.slow
def test_every_package_of_the_wheel_is_imported_and_migrates(
    unpacked: Path, tmp_path: Path
) -> None:
    code = f"""
import importlib, pathlib, sys
sys.path.insert(0, {str(unpacked)!r})
for name in {_listed_packages()!r}:
    if "migrations.versions" not in name:
        module = importlib.import_module(name)
        assert pathlib.Path(module.__file__).is_relative_to({str(unpacked)!r}), module.__file__
from samespace.store.records import open_records
records = open_records("sqlite:///records.db")
assert records.collections.all() == []
records.close()
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path, text=True
    )
    assert run.returncode == 0, run.stderr
