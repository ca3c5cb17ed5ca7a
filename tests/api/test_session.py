"""A cookie opens what its key opens, for as long as that does, and for no page but ours."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import update
from sse_starlette import EventSourceResponse

from samespace.api.auth.credential import Credential
from samespace.api.auth.grants import OF_SETTING
from samespace.api.auth.guard import WRONG_KEYS_A_MINUTE
from samespace.api.context import Context
from samespace.api.events.stream import stream
from samespace.api.routes.events import follow_collection
from samespace.encoders.load import Encoders
from samespace.store.records.tables import keys
from samespace.store.sql import writing
from tests.api.world import HOME, Json, World, assert_problem, open_world

ROOT = "the-own-key"
PAGE = {"x-samespace-page": "1"}
NOBODY: Json = {"signed_in": False, "actor": None, "scopes": [], "limited": True}
TOKEN = "[A-Za-z0-9_-]{43}"


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("session")
    with open_world(folder, redis_url, encoders, api_key=ROOT) as world:
        yield world


@pytest.fixture(autouse=True)
def _no_cookies(keyed: World) -> Iterator[None]:
    yield
    keyed.client.cookies.clear()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of a key is not remembered."""
    monkeypatch.setattr("samespace.api.auth.key_cache.REMEMBER_SECONDS", 0.0)


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def make(world: World, **wanted: Any) -> Json:
    body = {"name": "someone", **wanted}
    response = world.client.post("/v1/keys", json=body, headers=bearer(ROOT))
    assert response.status_code == 201, response.text
    return response.json()


def post_key(world: World, key: str, **headers: str) -> Any:
    return world.client.post("/v1/session", json={"key": key}, headers={**PAGE, **headers})


def sign_in(world: World, key: str) -> dict[str, str]:
    """The header with the cookie, which the client itself does not keep."""
    response = post_key(world, key)
    assert (response.status_code, response.content) == (204, b"")
    world.client.cookies.clear()
    return {"cookie": response.headers["set-cookie"].partition(";")[0]}


def seen(world: World, headers: dict[str, str]) -> Json:
    return world.client.get("/v1/session", headers=headers).json()


def opens(world: World, headers: dict[str, str]) -> bool:
    status = world.client.get("/v1/collections", headers=headers).status_code
    assert status in {200, 401}
    return status == 200


def test_the_cookie_says_all_that_a_browser_has_to_know(keyed: World) -> None:
    response = post_key(keyed, ROOT)
    assert re.fullmatch(
        f"samespace_session={TOKEN}; HttpOnly; Max-Age=604800; Path=/; SameSite=strict",
        response.headers["set-cookie"],
    )
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "told", [{"origin": HOME.replace("http", "https")}, {"x-forwarded-proto": "https, http"}]
)
def test_over_tls_the_cookie_is_for_tls_and_this_host(keyed: World, told: dict[str, str]) -> None:
    response = post_key(keyed, ROOT, **told)
    cookie, _, rest = response.headers["set-cookie"].partition("; ")
    assert re.fullmatch(f"__Host-samespace_session={TOKEN}", cookie)
    assert rest == "HttpOnly; Max-Age=604800; Path=/; SameSite=strict; Secure"
    keyed.client.cookies.clear()
    assert opens(keyed, {"cookie": cookie, **told})
    # The proxy need not say more than the browser did.
    assert opens(keyed, {"cookie": cookie})
    # One of the plain name may have been set from elsewhere.
    plain = {"cookie": cookie.removeprefix("__Host-")}
    assert (opens(keyed, plain), opens(keyed, {**plain, **told})) == (True, False)


def test_with_https_only_no_cookie_is_for_plain_http(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    limits: Any = {"api_key": ROOT, "https_only": True, "session_days": 0.5}
    with open_world(tmp_path, redis_url, encoders, **limits) as world:
        cookie = post_key(world, ROOT).headers["set-cookie"]
        assert cookie.startswith("__Host-samespace_session=")
        assert cookie.endswith("; HttpOnly; Max-Age=43200; Path=/; SameSite=strict; Secure")


def test_who_is_signed_in_is_told(keyed: World) -> None:
    assert seen(keyed, {}) == NOBODY
    assert seen(keyed, bearer("wrong")) == NOBODY
    name = keyed.client.post("/v1/collections", json={"name": "some"}, headers=bearer(ROOT))
    made = make(keyed, scopes=["read"], collections=[name.json()["name"]])
    who = {"actor": made["id"], "scopes": ["read"], "limited": True}
    assert seen(keyed, bearer(made["key"])) == {"signed_in": False, **who}
    assert seen(keyed, sign_in(keyed, made["key"])) == {"signed_in": True, **who}
    everything = {"actor": "setting", "scopes": ["read", "write", "admin"], "limited": False}
    assert seen(keyed, sign_in(keyed, ROOT)) == {"signed_in": True, **everything}


def test_where_no_key_is_asked_for_there_is_nothing_to_sign_in_to(api: World) -> None:
    everything = {"actor": "nobody", "scopes": ["read", "write", "admin"], "limited": False}
    assert seen(api, {"cookie": "samespace_session=x"}) == {"signed_in": False, **everything}
    assert_problem(post_key(api, "any"), 409, "conflict")
    stale = {"cookie": "samespace_session=x"}
    made = api.client.post("/v1/collections", json={"name": "open-door"}, headers=stale)
    assert made.status_code == 201
    assert api.client.delete("/v1/session", headers=PAGE).status_code == 204


def test_a_change_by_cookie_needs_the_word_of_the_page(keyed: World) -> None:
    cookie = sign_in(keyed, ROOT)
    client = keyed.client
    for number, method in enumerate(("POST", "PATCH", "DELETE")):
        path = "/v1/collections/some" if number else "/v1/collections"
        for headers in (cookie, {**cookie, "x-samespace-page": "0"}):
            response = client.request(method, path, json={}, headers=headers)
            assert "X-Samespace-Page" in assert_problem(response, 403, "forbidden")["detail"]
    wanted: Any = {"json": {"name": "meant"}}
    foreign = {**cookie, **PAGE, "origin": "https://evil.example"}
    assert_problem(client.post("/v1/collections", **wanted, headers=foreign), 403, "forbidden")
    sibling = {**cookie, **PAGE, "sec-fetch-site": "same-site"}
    assert_problem(client.post("/v1/collections", **wanted, headers=sibling), 403, "forbidden")
    made = client.post("/v1/collections", **wanted, headers={**cookie, **PAGE})
    assert made.status_code == 201
    with_key = {**cookie, **bearer(ROOT)}
    assert client.delete("/v1/collections/meant", headers=with_key).status_code in {200, 202}


def test_nobody_is_signed_in_or_out_by_another_page(keyed: World) -> None:
    cookie = sign_in(keyed, ROOT)
    client = keyed.client
    assert_problem(client.post("/v1/session", json={"key": ROOT}), 403, "forbidden")
    assert_problem(post_key(keyed, ROOT, origin="https://evil.example"), 403, "forbidden")
    assert_problem(client.delete("/v1/session", headers=cookie), 403, "forbidden")
    assert opens(keyed, cookie)


def test_a_key_in_the_header_counts_before_the_cookie(keyed: World) -> None:
    cookie = sign_in(keyed, ROOT)
    stale = {"cookie": "samespace_session=over"}
    assert not opens(keyed, stale)
    assert opens(keyed, {**stale, **bearer(ROOT)})
    assert not opens(keyed, {**cookie, **bearer("wrong")})
    assert opens(keyed, {"cookie": f"other=1; {cookie['cookie']}"})


def test_a_token_is_no_key_and_a_key_no_token(keyed: World) -> None:
    cookie = sign_in(keyed, ROOT)
    assert opens(keyed, cookie)
    assert not opens(keyed, bearer(cookie["cookie"].partition("=")[2]))
    assert opens(keyed, bearer(ROOT))
    assert not opens(keyed, {"cookie": f"samespace_session={ROOT}"})


def test_who_signs_out_is_out_at_once(keyed: World) -> None:
    cookie = sign_in(keyed, make(keyed)["key"])
    other = sign_in(keyed, ROOT)
    assert opens(keyed, cookie)
    response = keyed.client.delete("/v1/session", headers={**cookie, **PAGE})
    assert response.status_code == 204
    assert response.headers["set-cookie"].startswith(
        'samespace_session=""; HttpOnly; Max-Age=0; Path=/'
    )
    assert (opens(keyed, cookie), opens(keyed, other)) == (False, True)
    told = {"x-forwarded-proto": "https", "cookie": "__Host-samespace_session=x"}
    response = keyed.client.delete("/v1/session", headers={**told, **PAGE})
    assert response.headers["clear-site-data"] == '"cache"'


def test_signing_in_again_ends_the_session_before(keyed: World) -> None:
    before = sign_in(keyed, ROOT)
    assert post_key(keyed, ROOT, **before).status_code == 204
    keyed.client.cookies.clear()
    assert not opens(keyed, before)


@pytest.mark.usefixtures("at_once")
def test_a_session_goes_on_as_long_as_its_key(keyed: World) -> None:
    made = make(keyed)
    first, rotate = sign_in(keyed, made["key"]), f"/v1/keys/{made['id']}/rotate"
    root = bearer(ROOT)
    second_key = keyed.client.post(rotate, json={"grace": 60}, headers=root).json()["key"]
    second = sign_in(keyed, second_key)
    assert (opens(keyed, first), opens(keyed, second)) == (True, True)
    third = sign_in(keyed, keyed.client.post(rotate, json={}, headers=root).json()["key"])
    opened = [opens(keyed, each) for each in (first, second, third)]
    assert opened == [False, False, True]
    keyed.client.delete(f"/v1/keys/{made['id']}", headers=root)
    assert not opens(keyed, third)


@pytest.mark.usefixtures("at_once")
def test_a_session_may_do_what_its_key_may_now(keyed: World) -> None:
    made = make(keyed)
    headers = {**sign_in(keyed, made["key"]), **PAGE}
    body = {"name": "allowed"}
    assert keyed.client.post("/v1/collections", json=body, headers=headers).status_code == 201
    assert_problem(keyed.client.get("/v1/keys", headers=headers), 403, "forbidden")
    with writing(keyed.services.records.engine) as connection:
        narrower = update(keys).where(keys.c.id == made["id"]).values(scopes=["read"])
        connection.execute(narrower)
    refused = keyed.client.post("/v1/collections", json={"name": "refused"}, headers=headers)
    assert_problem(refused, 403, "forbidden")
    assert opens(keyed, headers)


def test_a_cookie_lasts_no_longer_than_its_key(keyed: World) -> None:
    response = post_key(keyed, make(keyed, expires_in=600)["key"])
    assert re.search("Max-Age=(599|598);", response.headers["set-cookie"])


def test_the_time_of_a_session_is_kept_to_the_moment(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    half_a_second = 0.5 / 86_400
    with open_world(
        tmp_path, redis_url, encoders, api_key=ROOT, session_days=half_a_second
    ) as world:
        cookie = sign_in(world, ROOT)
        assert opens(world, cookie)
        asyncio.run(asyncio.sleep(0.55))
        assert not opens(world, cookie)


def test_wrong_keys_count_wherever_they_are_tried(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    with open_world(tmp_path, redis_url, encoders, api_key="guess me") as world:
        tried, status = 0, 401
        while status == 401 and tried < 10 * WRONG_KEYS_A_MINUTE:
            tried += 1
            asked = bearer("guess") if tried % 2 else {"cookie": "samespace_session=over"}
            world.client.get("/v1/models", headers=asked)
            status = post_key(world, "guess").status_code
        # Three wrong keys in two rounds; where this takes long, some are earned back.
        assert (status, tried >= WRONG_KEYS_A_MINUTE * 2 / 3) == (429, True)
        refused = post_key(world, "guess me")
        assert_problem(refused, 429, "busy")
        assert int(refused.headers["retry-after"]) >= 1


def test_a_session_that_is_over_is_no_guess(keyed: World) -> None:
    stale = {"cookie": "samespace_session=over"}
    for _ in range(WRONG_KEYS_A_MINUTE + 5):
        assert not opens(keyed, stale)
    assert_problem(post_key(keyed, "wrong"), 401, "unauthorized")


def test_signing_in_counts_against_the_rate_of_the_key(keyed: World) -> None:
    key = make(keyed, rate=2)["key"]
    assert opens(keyed, sign_in(keyed, key))
    assert_problem(post_key(keyed, key), 429, "busy")


def test_what_anybody_may_send_is_small(keyed: World) -> None:
    assert_problem(post_key(keyed, "x" * 2000), 422, "invalid_request")
    assert_problem(post_key(keyed, "x" * 20_000), 413, "too_large")
    chunked = keyed.client.post("/v1/session", content=iter([b"{}"]), headers=PAGE)
    assert_problem(chunked, 413, "too_large")
    assert_problem(keyed.client.request("GET", "/healthz", content=b"x" * 20_000), 413, "too_large")


def test_lines_say_who_came_and_went(keyed: World) -> None:
    records = keyed.services.records
    start = max((line.id for line in records.audit.page(limit=1000)), default=0)
    made = make(keyed, scopes=["read"])
    cookie = sign_in(keyed, made["key"])
    post_key(keyed, "wrong")
    keyed.client.delete("/v1/session", headers={**cookie, **PAGE})
    keyed.client.delete("/v1/session", headers={**cookie, **PAGE})
    lines = [(line.actor, line.action) for line in records.audit.page(after=start)]
    assert lines == [
        ("setting", "create_key"),
        (made["id"], "sign_in"),
        (made["id"], "sign_out"),
    ]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("way", ["key", "session"])
@pytest.mark.parametrize("of", ["job", "collection"])
def test_a_stream_ends_with_the_key_that_opened_it(keyed: World, way: str, of: str) -> None:
    made = make(keyed)
    cookie = sign_in(keyed, made["key"])
    token = cookie["cookie"].partition("=")[2]
    shown = Credential(made["key"]) if way == "key" else Credential(token, is_token=True)
    here = _here(keyed, shown)
    name = f"streamed-{way}-{of}"
    keyed.client.post("/v1/collections", json={"name": name}, headers=bearer(ROOT))

    async def follow() -> list[Any]:
        response: Any
        if of == "job":
            response = await stream(lambda: {"state": "queued"}, here)
        else:
            response = await follow_collection(name, here)
        parts = cast(AsyncIterator[Any], cast(EventSourceResponse, response).body_iterator)
        told = [await anext(parts)]
        if way == "key":
            keyed.services.records.keys.remove(made["id"])
        else:
            keyed.services.records.sessions.end(token)
        return told + [part async for part in parts]

    told = asyncio.run(asyncio.wait_for(follow(), 5))
    assert told
    assert "done" not in {part.event for part in told}


def _here(world: World, shown: Credential) -> Context:
    context: Context = cast(Any, world.client.app).state.context
    grant = context.key_cache.check(shown, context.services.records)
    return replace(context, shown=shown, grant=grant)


@pytest.mark.usefixtures("at_once")
def test_a_stream_goes_on_with_a_good_key(keyed: World) -> None:
    made = make(keyed)
    here = _here(keyed, Credential(made["key"]))
    assert here.is_still_granted()
    # The key of the settings is as good as before, though wrong ones came from the same address meanwhile.
    own = replace(here, shown=Credential(ROOT), grant=OF_SETTING)
    assert own.is_still_granted()
    keyed.client.post(f"/v1/keys/{made['id']}/rotate", json={}, headers=bearer(ROOT))
    assert (here.is_still_granted(), own.is_still_granted()) == (False, True)
