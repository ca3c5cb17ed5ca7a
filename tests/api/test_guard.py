"""No web page drives a local server, and no key is no entry where keys are configured."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from samespace.api.middleware.origin import check_origin
from samespace.api.server import check_address
from samespace.core.errors import Forbidden, Misconfigured
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.store.records import open_records
from tests.api.world import HOME, World, assert_problem, open_world
from tests.store.sql_fixtures import lay_tables

LOCAL = Settings(allowed_hosts=("Search.example.com",))


def check(method: str = "GET", settings: Settings = LOCAL, **headers: str) -> None:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    check_origin(Headers(named), method, settings)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:7373",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.9.9.9:1",
        "[::1]:7373",
        "search.example.com",
        "search.example.com:443",
    ],
)
def test_own_hosts_are_answered(host: str) -> None:
    check(host=host)
    check("POST", host=host, origin=f"http://{host}", sec_fetch_site="same-origin")
    check("POST", host=host, origin=f"https://{host}")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example/localhost",
        "evil.example#localhost",
        "localhost:99999",
        "localhost:x",
        "[::1",
        "0x7f.1",
        "192.168.1.5",
        "0.0.0.0",
        "sub.search.example.com",
        "localhost evil.example",
    ],
)
def test_hostile_hosts_are_refused(host: str) -> None:
    with pytest.raises(Forbidden):
        check(host=host)


def test_a_request_names_one_host() -> None:
    with pytest.raises(Forbidden):
        check_origin(Headers(raw=[]), "GET", LOCAL)
    twice = Headers(raw=[(b"host", b"localhost"), (b"host", b"localhost")])
    with pytest.raises(Forbidden):
        check_origin(twice, "GET", LOCAL)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://localhost:7373.evil.example",
        "http://evil.example/localhost:7373",
        "file://localhost:7373",
        "chrome-extension://localhost:7373",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_pages_of_other_origins_are_refused(origin: str, method: str) -> None:
    with pytest.raises(Forbidden):
        check(method, host="localhost:7373", origin=origin)


def test_an_allowed_name_may_stand_before_a_proxy() -> None:
    check("POST", host="127.0.0.1:7373", origin="https://search.example.com")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_only_read_what_they_cannot_see(site: str) -> None:
    check("GET", host="localhost", sec_fetch_site=site)
    with pytest.raises(Forbidden):
        check("POST", host="localhost", sec_fetch_site=site)


def test_hostile_requests_get_a_problem(api: World) -> None:
    for headers in (
        {"host": "evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        response = api.client.get("/v1/collections", headers=headers)
        assert_problem(response, 403, "forbidden")
        response = api.client.post("/v1/collections", json={"name": "evil"}, headers=headers)
        assert_problem(response, 403, "forbidden")
    assert api.client.get("/healthz", headers={"host": "evil.example"}).status_code == 403
    assert api.client.get("/v1/collections", headers={"origin": HOME}).status_code == 200


@pytest.fixture
def keyed(tmp_path: Path, redis_url: str, encoders: Encoders) -> Iterator[World]:
    with open_world(tmp_path, redis_url, encoders, api_key="the-own-key") as world:
        yield world


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_without_the_key_nothing_is_told(keyed: World) -> None:
    for headers in ({}, bearer("wrong"), bearer("ss_x_y"), {"authorization": "Basic dGhlOmtleQ=="}):
        response = keyed.client.get("/v1/collections", headers=headers)
        assert_problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    assert_problem(keyed.client.get("/metrics"), 401, "unauthorized")
    for public in ("/", "/healthz", "/openapi.json", "/docs"):
        assert keyed.client.get(public).status_code == 200
    assert keyed.client.get("/v1/collections", headers=bearer("the-own-key")).status_code == 200


def test_keys_of_the_records_open_and_are_remembered(keyed: World) -> None:
    key, text = keyed.services.records.keys.create("laptop")
    for _ in range(2):
        assert keyed.client.get("/v1/status", headers=bearer(text)).status_code == 200
    keyed.services.records.keys.remove(key.id)
    assert keyed.client.get("/v1/status", headers=bearer("ss_no_key")).status_code == 401


def test_a_first_key_closes_the_door(tmp_path: Path, redis_url: str, encoders: Encoders) -> None:
    with open_world(tmp_path, redis_url, encoders) as world:
        _, text = world.services.records.keys.create("laptop")
        assert_problem(world.client.get("/v1/status"), 401, "unauthorized")
        assert world.client.get("/v1/status", headers=bearer(text)).status_code == 200


def test_only_a_key_lets_others_reach_the_server(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, host="0.0.0.0")
    with pytest.raises(Misconfigured, match="SAMESPACE_API_KEY"):
        check_address(settings)
    check_address(Settings(data=tmp_path, host="::1"))
    check_address(Settings(data=tmp_path, host="0.0.0.0", api_key="a-key"))
    lay_tables(tmp_path / "records.db")
    records = open_records(f"sqlite:///{tmp_path}/records.db")
    records.keys.create("laptop")
    records.close()
    check_address(settings)
