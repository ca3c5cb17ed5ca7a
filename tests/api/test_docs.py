"""The API's own page: from this origin, under a policy that lets nothing else in."""

import re

import pytest

from samespace.api.routes.docs import FOLDER
from tests.api.world import World

PARTS = ("/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js", "/page/icon.svg")


def test_it_asks_this_origin_for_everything_and_runs_nothing_inline(api: World) -> None:
    answer = api.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert sorted(re.findall(r'(?:src|href)="([^"]*)"', answer.text)) == sorted(
        [*PARTS, "/openapi.json"]
    )
    assert re.findall(r"<script[^>]*>([^<]*)</script>", answer.text) == ["", ""]
    for file in FOLDER.iterdir():
        assert "//" not in re.sub(r"^\s*//.*$|\s// .*$", "", file.read_text(), flags=re.MULTILINE)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PARTS)
def test_what_it_is_made_of_is_there_and_asked_for_again(api: World, path: str) -> None:
    answer = api.client.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    known = api.client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert known.status_code == 304


def test_nothing_else_is_served_beside_it(api: World) -> None:
    for path in ("/docs/../static/index.html", "/docs/%2e%2e/__init__.py", "/docs/oauth2-redirect"):
        assert api.client.get(path).status_code == 404
