"""What holds of every route: which methods its path takes, and that nothing it does not know is swallowed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from samespace.api import openapi
from samespace.client import requests
from samespace.core.nearest import nearest, not_known
from samespace.core.wire import Model
from tests.api.world import World, assert_problem

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes(api: World) -> Iterator[Any]:
    """All that have methods, with their full paths."""
    for route in iter_route_contexts(api.client.app.routes):  # type: ignore[attr-defined]
        if route.methods:
            yield route


def an_address(path: str) -> str:
    """Of a route, with names that lead nowhere."""
    return re.sub(r"\{\w+\}", "0" * 32, path)


def test_what_is_not_allowed_says_what_is(api: World) -> None:
    allowed: dict[str, set[str]] = {}
    for route in routes(api):
        allowed.setdefault(an_address(route.path), set()).update(route.methods)
    # A path of fixed words is also one of a document.
    document = next(path for path in allowed if path.endswith("/documents/" + "0" * 32))
    for word in ("get", "delete", "retry", "cancel"):
        allowed[document.replace("documents/" + "0" * 32, f"documents/{word}")] |= {"GET", "DELETE"}
    refused = 0
    for path, methods in allowed.items():
        for method in set(METHODS) - methods:
            answer = api.client.request(method, path)
            assert answer.status_code == 405, f"{method} {path}: {answer.text}"
            said = answer.headers.get_list("allow")
            assert said == [", ".join(sorted(methods))], f"{method} {path}"
            refused += 1
    assert refused > 250


def test_folders_of_files_say_what_they_take(api: World) -> None:
    for path in ("/page/js/app.js", "/docs/index.css"):
        answer = api.client.post(path)
        assert answer.headers["allow"] == "GET, HEAD"
        assert_problem(answer, 405, "method_not_allowed")


def test_no_route_swallows_a_parameter(api: World) -> None:
    asked = 0
    for route in routes(api):
        if not route.path.startswith("/v1/"):
            continue
        assert isinstance(route.original_route, APIRoute)
        known = {each.alias for each in route.original_route.dependant.query_params}
        for method in route.methods:
            answer = api.client.request(method, an_address(route.path), params={"unheard_of": "1"})
            detail = assert_problem(answer, 422, "invalid_request")["detail"]
            there = f"known are {', '.join(sorted(known))}" if known else "it has none"
            assert detail == f"unheard_of is no parameter of {method} {route.path}; {there}"
            asked += 1
            for name in known:  # what is known is none of these
                answer = api.client.request(method, an_address(route.path), params={name: "1"})
                assert "is no parameter" not in answer.text
    assert asked > 45


@pytest.mark.parametrize(
    ("query", "wrong", "said"),
    [
        ("cursor=abc", "cursor", "did you mean after?"),
        ("limit=1&afetr=x", "afetr", "did you mean after?"),
        ("per_page=3", "per_page", "did you mean limit?"),
        ("LIMIT=3", "LIMIT", "did you mean limit?"),
        ("externalPrefix=a", "externalPrefix", "did you mean external_prefix?"),
        ("=3", "", "known are after, external_prefix, limit, name, newest, state"),
    ],
)
def test_the_nearest_parameter_is_named(
    api: World, name: str, query: str, wrong: str, said: str
) -> None:
    answer = api.client.get(f"/v1/collections/{name}/documents?{query}")
    detail = assert_problem(answer, 422, "invalid_request")["detail"]
    route = "GET /v1/collections/{collection}/documents"
    assert detail == f"{wrong} is no parameter of {route}; {said}"


def test_the_page_and_its_files_ignore_what_browsers_add(api: World) -> None:
    for path in (
        "/",
        "/add",
        "/map",
        "/page/js/app.js",
        "/docs",
        "/openapi.json",
        "/healthz",
        "/readyz",
    ):
        assert api.client.get(path, params={"utm_source": "x"}).status_code in {200, 503}, path


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("search", {"query": "a", "limt": 5}, "limt", "did you mean limit?"),
        ("search", {"q": "a"}, "q", "did you mean query?"),
        ("search", {"query": "a", "top_k": 5}, "top_k", "did you mean limit?"),
        (
            "search",
            {"parts": [{"text": "a", "wieght": 2}]},
            "parts.0.wieght",
            "did you mean weight?",
        ),
        ("documents", {"text": "a", "meta": {}}, "documents.0.meta", "did you mean metadata?"),
        ("documents/delete", {"id": ["a"]}, "body.id", "did you mean ids?"),
        (
            "similar",
            {"item": "a", "zzz": 1},
            "body.zzz",
            "known are filter, item, limit, offset, targets",
        ),
        ("classify", {"text": "a", "lables": ["b"]}, "body.lables", "did you mean labels?"),
    ],
)
def test_the_nearest_field_is_named(
    api: World, path: str, body: Any, field: str, said: str
) -> None:
    answer = api.client.post(f"/v1/collections/{api.collection()}/{path}", json=body)
    [error] = assert_problem(answer, 422, "invalid_request")["errors"]
    last = field.rpartition(".")[2]
    assert (error["name"], error["detail"]) == (field, f"{last} is no field of this; {said}")


def test_the_nearest_field_of_a_form_is_named(api: World, name: str) -> None:
    answer = api.send(name, [("a.txt", b"a")], metadat={"a": 1})
    detail = assert_problem(answer, 422, "invalid_request")["detail"]
    assert detail.startswith("metadat is no field of the form; did you mean metadata?")


def models(kind: Any) -> Iterator[type[Model]]:
    """The models that a body is made of, at any depth."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if issubclass(kind, Model):
            yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(kind):
        yield from models(inner)


def test_every_body_refuses_what_it_does_not_know(api: World) -> None:
    bodies: set[type[Model]] = set()
    for route in routes(api):
        field = getattr(route.original_route, "body_field", None)
        if field is not None:
            bodies |= set(models(field.field_info.annotation))
    for model in openapi._READ_BY_HAND:
        bodies |= set(models(model))
    assert len(bodies) > 15
    for model in bodies:
        assert model.model_config["extra"] == "forbid", model
        with pytest.raises(ValueError, match="is not known"):
            model.model_validate({"unheard_of": 1})


def test_names_that_are_near() -> None:
    assert nearest("limt", {"limit", "after"}) == "limit"
    assert nearest("cursor", {"limit", "after"}) == "after"
    assert nearest("cursor", {"limit", "cursors", "start"}) == "start"
    assert nearest("zzzz", {"limit"}) is None
    assert nearest("", {"limit"}) is None
    assert not_known("x" * 1000, "field", set()) == f"{'x' * 59}… is no field; it has none"


def test_the_clients_ask_for_nothing_that_is_not_known(api: World, name: str) -> None:
    asked = [
        requests.documents(name, state="failed", external_prefix="/a", after="0", limit=3),
        requests.documents(name, name="a", newest=True, limit=3),
        requests.jobs(name),
        requests.audit(after=1, since=datetime(2024, 1, 1, tzinfo=UTC), limit=5),
        requests.kept_map(name),
        requests.status(),
    ]
    assert sum(request.params is not None for request in asked) == 4
    for request in asked:
        answer = api.client.request(request.method, request.path, params=request.params)
        assert answer.status_code in {200, 404}, answer.text
