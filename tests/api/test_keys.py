"""Keys over HTTP: scopes, what a key may hand out, rotation, rates; and that no route can forget to ask."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from samespace.api.app import make_app
from samespace.api.auth.credential import Credential
from samespace.api.auth.guard import WRONG_KEYS_A_MINUTE
from samespace.api.auth.key_cache import KeyCache
from samespace.api.context import PUBLIC, check_routes, is_public, needs_of
from samespace.api.middleware.rate_limit import Rates
from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from tests.api.world import Json, World, assert_problem, open_world
from workers.submit import open_queue

ROOT = "the-own-key"


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("keys")
    with open_world(folder, redis_url, encoders, api_key=ROOT) as world:
        world.client.headers.update(bearer(ROOT))
        yield world


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def make(world: World, **wanted: Any) -> Json:
    response = world.client.post("/v1/keys", json={"name": "someone", **wanted})
    assert response.status_code == 201, response.text
    return response.json()


def test_every_route_says_what_it_needs() -> None:
    app = make_app(Settings())
    paths = {route.path for route in iter_route_contexts(app.routes)}
    assert paths >= PUBLIC
    asked = {
        path
        for route in iter_route_contexts(app.routes)
        if (path := route.path) and needs_of(route.original_route)
    }
    assert asked == {path for path in paths if path and not is_public(path)}


@pytest.mark.parametrize("kind", ["api", "websocket", "mount"])
def test_a_route_that_says_nothing_does_not_start(kind: str) -> None:
    app = make_app(Settings())
    if kind == "api":
        app.get("/v1/secrets")(lambda: None)
    elif kind == "websocket":
        app.websocket("/v1/secrets")(lambda: None)
    else:
        app.mount("/v1/secrets", FastAPI())
    with pytest.raises(Misconfigured, match="/v1/secrets"):
        check_routes(app)


def test_the_routes_reach_collections_and_jobs_only_through_the_grant() -> None:
    folder = Path(__file__).parents[2] / "samespace" / "api"
    for file in folder.rglob("*.py"):
        # A watch is opened for a collection that `here` gave, and looks at nothing else.
        if file.name not in {"context.py", "watch.py"}:
            source = file.read_text()
            for way in ("collections.find", "collections.get", "collections.all", "jobs.get"):
                assert f"records.{way}" not in source, file


def test_the_table_in_the_docs_is_that_of_the_code() -> None:
    rows = []
    for route in iter_route_contexts(make_app(Settings()).routes):
        original, needs = route.original_route, needs_of(route.original_route)
        if isinstance(original, APIRoute) and needs is not None:
            scope = f"{needs.scope}, all collections" if needs.everywhere else str(needs.scope)
            rows += [
                f"| `{method} {original.path}` | {scope} |" for method in original.methods or ()
            ]
    text = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    listed = [
        line for line in text.splitlines() if line.startswith(("| `/", "| `GET", "| `P", "| `D"))
    ]
    assert sorted(listed) == sorted(rows)


def test_a_scope_contains_those_before_it(keyed: World) -> None:
    assert make(keyed)["scopes"] == ["read", "write"]
    assert make(keyed, scopes=["admin"])["scopes"] == ["read", "write", "admin"]
    reader = make(keyed, scopes=["read"])
    headers = bearer(reader["key"])
    assert reader["scopes"] == ["read"]
    assert keyed.client.get("/v1/collections", headers=headers).status_code == 200
    problem = assert_problem(
        keyed.client.post("/v1/collections", json={"name": "x"}, headers=headers), 403, "forbidden"
    )
    assert "scope write" in problem["detail"]
    writer = bearer(make(keyed)["key"])
    assert (
        keyed.client.post("/v1/collections", json={"name": "x"}, headers=writer).status_code == 201
    )
    assert_problem(keyed.client.get("/v1/keys", headers=writer), 403, "forbidden")
    assert_problem(
        keyed.client.patch("/v1/collections/x", json={"max_bytes": 1}, headers=writer),
        403,
        "forbidden",
    )


def test_a_key_of_some_collections_makes_none_and_administers_nothing(keyed: World) -> None:
    name = keyed.collection()
    limited = make(keyed, collections=[name])
    assert limited["collections"] == [name]
    headers = bearer(limited["key"])
    response = keyed.client.post("/v1/collections", json={"name": "more"}, headers=headers)
    assert_problem(response, 403, "forbidden")
    both = {"name": "k", "scopes": ["admin"], "collections": [name]}
    assert_problem(keyed.client.post("/v1/keys", json=both), 422, "invalid_request")
    none = {"name": "k", "collections": []}
    assert_problem(keyed.client.post("/v1/keys", json=none), 422, "invalid_request")


def test_nobody_hands_out_more_than_they_have(keyed: World) -> None:
    passing = make(keyed, scopes=["admin"], expires_in=60, rate=1000)
    lasting = make(keyed, scopes=["admin"])
    headers = bearer(passing["key"])

    def ask(**wanted: Any) -> int:
        sent = {"name": "k", "expires_in": 30, "rate": 10, **wanted}
        return keyed.client.post("/v1/keys", json=sent, headers=headers).status_code

    assert ask() == 201
    assert ask(expires_in=None) == 403
    assert ask(expires_in=90) == 403
    assert ask(rate=None) == 403
    assert ask(rate=1001) == 403
    rotate = keyed.client.post(f"/v1/keys/{lasting['id']}/rotate", json={}, headers=headers)
    assert rotate.status_code == 403
    rotate = keyed.client.post(f"/v1/keys/{passing['id']}/rotate", json={}, headers=headers)
    assert rotate.status_code == 200


def test_a_key_is_shown_without_its_secret_rotated_and_revoked(
    keyed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(keyed)
    text = made.pop("key")
    assert keyed.client.get(f"/v1/keys/{made['id']}").json() == made
    assert made in keyed.client.get("/v1/keys").json()["keys"]
    assert text.split("_", 2)[2] not in keyed.client.get("/v1/keys").text
    monkeypatch.setattr("samespace.api.auth.key_cache.REMEMBER_SECONDS", 0.0)

    def opens(key: str) -> bool:
        return keyed.client.get("/v1/models", headers=bearer(key)).status_code == 200

    rotate = f"/v1/keys/{made['id']}/rotate"
    second = keyed.client.post(rotate, json={"grace": 60}).json()["key"]
    assert (opens(text), opens(second)) == (True, True)
    third = keyed.client.post(rotate, json={}).json()["key"]
    assert (opens(text), opens(second), opens(third)) == (False, False, True)
    assert keyed.client.delete(f"/v1/keys/{made['id']}").status_code == 200
    assert not opens(third)
    assert_problem(keyed.client.delete(f"/v1/keys/{made['id']}"), 404, "not_found")


def test_what_is_remembered_is_asked_again_after_five_seconds(
    keyed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_cache, records = KeyCache(Settings(api_key="another")), keyed.services.records
    key, text = records.keys.create("me")
    shown = Credential(text)
    assert key_cache.check(shown, records) == key_cache.remembered(shown)
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 4.5)
    assert key_cache.remembered(shown) is not None
    monkeypatch.setattr(time, "monotonic", lambda: start + 5.5)
    assert key_cache.remembered(shown) is None
    records.keys.remove(key.id)


def test_an_expiry_is_kept_to_the_moment(keyed: World) -> None:
    headers = bearer(make(keyed, expires_in=0.5)["key"])
    assert keyed.client.get("/v1/models", headers=headers).status_code == 200
    time.sleep(0.55)
    assert_problem(keyed.client.get("/v1/models", headers=headers), 401, "unauthorized")


def test_the_last_key_that_goes_opens_no_door_to_others(keyed: World) -> None:
    records = keyed.services.records
    keys, before = records.keys, records.keys.count
    try:
        keys.count = lambda: 0  # type: ignore[method-assign]
        assert KeyCache(Settings()).check(None, records).scopes
        with pytest.raises(Exception, match="a key is needed"):
            KeyCache(Settings(host="0.0.0.0")).check(None, records)
    finally:
        keys.count = before  # type: ignore[method-assign]


def test_a_rate_is_counted_and_said(keyed: World) -> None:
    headers = bearer(make(keyed, rate=3)["key"])
    for left in (2, 1, 0):
        answer = keyed.client.get("/v1/models", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert answer.headers["ratelimit"].startswith(f'"requests";r={left};t=')
    refused = keyed.client.get("/v1/models", headers=headers)
    assert_problem(refused, 429, "busy")
    assert 19 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit"].startswith('"requests";r=0;')
    assert keyed.client.get("/healthz", headers=headers).status_code == 200
    assert "ratelimit" not in keyed.client.get("/v1/models").headers


def test_after_the_wait_that_was_said_a_request_passes(keyed: World) -> None:
    rates = Rates(keyed.queue.redis)
    for _ in range(1200):
        first = rates.take("someone", 1200)
        assert first is not None
    refused = rates.take("someone", 1200)
    assert refused is not None
    while not (allowed := refused).wait:  # what was earned while the others were counted
        refused = rates.take("someone", 1200)
        assert refused is not None
    assert 0 < refused.wait <= 0.05
    time.sleep(refused.wait)
    allowed_again = rates.take("someone", 1200)
    assert allowed_again is not None
    assert (allowed_again.wait, allowed.left) == (0, 0)


def test_without_redis_requests_pass(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_queue(Settings(redis_url="redis://127.0.0.1:1"))) as queue:
        rates = Rates(queue.redis)
        assert rates.take("someone", 1) is None
        assert rates.take("someone", 1) is None
        monkeypatch.setattr(rates, "_asks_again", 0.0)
        assert rates.take("someone", 1) is None
    assert caplog.text.count("rates are not limited") == 1


def test_guessing_is_counted_and_slowed_down(keyed: World) -> None:
    good = make(keyed)["key"]
    bodies = set()
    for guess in [good[:-3] + "xxx", "ss_" + "0" * 12 + good[15:], "nonsense"] * 10:
        answer = keyed.client.get("/v1/models", headers=bearer(guess))
        assert_problem(answer, 401, "unauthorized")
        bodies.add(answer.text)
    assert len(bodies) == 1
    assert WRONG_KEYS_A_MINUTE == 30
    slowed = keyed.client.get("/v1/models", headers=bearer("nonsense"))
    assert_problem(slowed, 429, "busy")
    assert slowed.headers["retry-after"] in {"1", "2"}
    # A key that cannot be guessed goes on; the one of the settings is believed no more, unless it was just seen.
    assert keyed.client.get("/v1/models", headers=bearer(good)).status_code == 200
    assert "samespace_wrong_keys_total" in keyed.client.get("/metrics").text


def test_a_key_that_may_be_guessed_is_not_tried_for_ever(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    with open_world(tmp_path, redis_url, encoders, api_key="guess me") as world:
        for number in range(WRONG_KEYS_A_MINUTE):
            world.client.get("/v1/models", headers=bearer(f"guess {number}"))
        right = world.client.get("/v1/models", headers=bearer("guess me"))
        assert_problem(right, 429, "busy")
