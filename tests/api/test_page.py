"""The files of the page: what they are served with, and that the first view waits for no chain of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from samespace.api.app import make_app
from samespace.api.page import FOLDER, VIEWS
from samespace.core.settings import Settings
from tests.api.world import HOME

_IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']""", re.MULTILINE)
_IMPORT_MINIFIED = re.compile(r"""\b(?:import|export)\s*(?:[\w*{}\s,$]+from\s*)?["']([^"']+)["']""")
_LATER = re.compile(r"""\bimport\(\s*["']([^"']+)["']""")
_SCRIPT = re.compile(r'<link rel="modulepreload" href="/page/([^"]+)">')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Of an application that was not started: the page needs none of its parts."""
    return TestClient(make_app(Settings(data=tmp_path_factory.mktemp("page"))), base_url=HOME)


def imports_of(file: Path, *, later: bool) -> Iterator[Path]:
    """What a module of the page imports, by itself; `later`: also what only when it comes to it."""
    text = file.read_text(encoding="utf-8")
    pattern = _IMPORT_MINIFIED if "vendor" in file.parts else _IMPORT
    for name in pattern.findall(text) + (_LATER.findall(text) if later else []):
        yield (file.parent / name).resolve()


def imported(start: Path, *, later: bool = False) -> set[Path]:
    """A module and all that it needs."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += imports_of(file, later=later)
    return found


def test_every_module_of_the_first_view_is_asked_for_at_once() -> None:
    start = FOLDER / "js" / "app.js"
    wanted = {file.relative_to(FOLDER).as_posix() for file in imported(start) - {start}}
    listed = _SCRIPT.findall((FOLDER / "index.html").read_text(encoding="utf-8"))
    lines = [f'  <link rel="modulepreload" href="/page/{name}">' for name in sorted(wanted)]
    assert listed == sorted(wanted), "index.html wants these lines:\n" + "\n".join(lines)


def test_every_module_is_used() -> None:
    modules = {file for file in (FOLDER / "js").rglob("*.js") if file.name != "early.js"}
    assert modules - imported(FOLDER / "js" / "app.js", later=True) == set()


@pytest.mark.parametrize("path", [*VIEWS, "/page/style.css", "/page/js/app.js", "/page/icon.svg"])
def test_only_files_of_this_origin_run_and_none_is_kept_unasked(
    client: TestClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_files_are_compressed(client: TestClient) -> None:
    response = client.get("/page/style.css", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"


def test_the_page_is_not_all_files_of_the_machine(client: TestClient) -> None:
    for path in (
        "/page/%2e%2e/__init__.py",
        "/page/..%2f__init__.py",
        "/page/js/",
        "/page/none.js",
    ):
        assert client.get(path).status_code == 404, path
