"""The files of the page: what they are served with, and that the first view waits for no chain of them."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from samespace.api.app import make_app
from samespace.api.routes.page import FOLDER, VIEWS
from samespace.core.settings import Settings
from samespace.page.modules import modules_of
from tests.api.world import HOME

_MODULE = re.compile(r"""["'](\.{1,2}/[\w./-]+\.js)["']""")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_LATER = re.compile(r"""\bimport\(\s*["']([^"']+)["']""")
_SCRIPT = re.compile(r'<link rel="modulepreload" href="/page/([^"]+)">')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Of an application that was not started: the page needs none of its parts."""
    return TestClient(make_app(Settings(data=tmp_path_factory.mktemp("page"))), base_url=HOME)


def test_every_module_of_the_first_view_is_asked_for_at_once(client: TestClient) -> None:
    start = FOLDER / "js" / "app.js"
    named = {FOLDER / name for name in _SCRIPT.findall(client.get("/").text)}
    assert named == set(modules_of(start))
    for file in named:  # looser than the server looks: no form of an import is overseen
        text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        wanted = {(file.parent / name).resolve() for name in _MODULE.findall(text)}
        assert wanted - later(text, file) <= named, file


def test_every_module_is_used() -> None:
    modules = {file for file in (FOLDER / "js").rglob("*.js") if file.name != "boot.js"}
    used = set(modules_of(FOLDER / "js" / "app.js"))
    for file in tuple(used):
        used |= {each for at in later(file.read_text(), file) for each in modules_of(at)}
    assert modules - used == set()


def later(text: str, file: Path) -> set[Path]:
    """What a module imports only when it comes to it."""
    return {(file.parent / name).resolve() for name in _LATER.findall(text)}


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
