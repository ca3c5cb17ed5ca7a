"""Requests that no client makes on purpose: never a 500, and never an answer that is no problem."""

import json
from typing import Any

import pytest

from tests.api.world import World, png

SEARCH = "/v1/collections/house/search"
ADD = "/v1/collections/house/documents"
CLASSIFY = "/v1/collections/house/classify"
POSTS = [SEARCH, ADD, CLASSIFY, "/v1/collections", "/v1/embeddings", f"{ADD}/delete"]

DEEP = 20_000
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"1e999",
    "NaN": b'{"query": "a", "limit": NaN}',
    "Infinity": b'{"parts": [{"text": "a", "weight": Infinity}]}',
    "huge number": b'{"query": "a", "limit": ' + b"9" * 5000 + b"}",
    "huge float": b'{"query": "a", "offset": 1e400}',
    "lone surrogate": rb'{"query": "\ud800"}',
    "lone surrogate in a text": rb'{"documents": [{"text": "\udfff x"}]}',
    "lone surrogate in a name": rb'{"documents": [{"text": "x", "name": "\ud800"}]}',
    "lone surrogate in metadata": rb'{"documents": [{"text": "x", "metadata": {"a": "\ud800"}}]}',
    "lone surrogate in a label": rb'{"labels": ["\ud800", "b"], "text": "\udfff"}',
    "lone surrogate in a key": rb'{"query": "a", "\ud800": 1}',
    "lone surrogate in a filter": rb'{"query": "a", "filter": {"\ud800": "\udfff"}}',
    "lone surrogate in a collection": rb'{"name": "\ud800"}',
    "lone surrogate in an id": rb'{"ids": ["\ud800"], "external_ids": ["\udfff"]}',
    "lone surrogate to embed": rb'{"input": "\ud800"}',
    "NUL in a query": rb'{"query": "a\u0000b"}',
    "NUL in a text": rb'{"documents": [{"text": "a\u0000b"}]}',
    "NUL in an id": rb'{"ids": ["\u0000"], "external_ids": ["a\u0000"]}',
    "NUL in an item": rb'{"parts": [{"item": "a\u0000"}]}',
    "NUL in a prefix": rb'{"external_prefix": "\u0000", "keep": []}',
    "NUL to embed": rb'{"input": ["\u0000"], "model": "\u0000"}',
    "deep lists": b'{"filter": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"query": "a", "filter": ' + b'{"not":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "deep metadata": b'{"documents": [{"text": "x", "metadata": '
    + b'{"a":' * 900
    + b"1"
    + b"}" * 900
    + b"}]}",
    "the same key twice": b'{"query": "a", "query": {"b": 1}}',
    "UTF-16": '{"query": "a"}'.encode("utf-16"),
    "invalid UTF-8": b'{"query": "\xff\xfe"}',
    "a BOM": b'\xef\xbb\xbf{"query": "a"}',
    "huge whole number in metadata": b'{"documents": [{"text": "x", "metadata": {"n": '
    + b"9" * 400
    + b"}}]}",
}
KINDS = {
    "application/json",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/x-www-form-urlencoded",
    "",
    "application/json\xff",
}


def assert_answered(response: Any) -> None:
    """Well, or with a problem that says what was wrong."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", POSTS)
def test_odd_json(api: World, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert_answered(api.client.post(path, content=body, headers=headers))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_bodies_that_are_not_what_they_say(api: World, kind: str) -> None:
    for path in POSTS:
        for body in (b'{"query": "a"}', b"--x\r\n\r\n--x--", b"\0\xff" * 50, b""):
            headers: Any = {"Content-Type": kind.encode("latin-1")}
            assert_answered(api.client.post(path, content=body, headers=headers))


def _part(disposition: bytes, body: bytes = b"x", more: bytes = b"") -> bytes:
    return b"--x\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n" + body + b"\r\n"


FORMS = {
    "no end": _part(b'form-data; name="file"; filename="a"'),
    "no name": _part(b"form-data") + b"--x--\r\n",
    "no disposition": b"--x\r\n\r\nx\r\n--x--\r\n",
    "empty file name": _part(b'form-data; name="file"; filename=""') + b"--x--\r\n",
    "file name of bytes": _part(b'form-data; name="file"; filename="\xff\xfe"') + b"--x--\r\n",
    "file name with NUL": _part(b'form-data; name="file"; filename="a\0b"') + b"--x--\r\n",
    "file name of a path": _part(b'form-data; name="file"; filename="../../etc/passwd"')
    + b"--x--\r\n",
    "star": _part(b"form-data; name=\"file\"; filename*=utf-8''%ff%00") + b"--x--\r\n",
    "unknown charset": _part(b"form-data; name=\"file\"; filename*=klingon''a") + b"--x--\r\n",
    "a field that is not JSON": _part(b'form-data; name="metadata"', b"\xff{") + b"--x--\r\n",
    "request that is not JSON": _part(b'form-data; name="request"', b"\xff{") + b"--x--\r\n",
    "request": _part(b'form-data; name="request"', b'{"parts": [{"image_file": -1}]}')
    + b"--x--\r\n",
    "two endings": _part(b'form-data; name="file"; filename="a"') + b"--x--\r\n--x--\r\n",
    "endless header": _part(b"form-data; " + b"a" * 50_000) + b"--x--\r\n",
    "no colon": b"--x\r\nContent-Disposition\r\n\r\nx\r\n--x--\r\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("path", [ADD, SEARCH])
def test_odd_forms(api: World, path: str, form: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert_answered(api.client.post(path, content=form, headers=headers))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/collections/%ff",
        "/v1/collections/%00",
        "/v1/collections/a%2Fb",
        "/v1/collections/" + "a" * 20_000,
        "/v1/collections/house/documents/%00",
        "/v1/collections/house/documents/%ed%a0%80/content",
        "/v1/collections/house/documents?after=%00",
        "/v1/collections/house/documents?external_prefix=%00",
        "/v1/collections/house/documents?external_prefix=%25_%5c",
        "/v1/collections/house/documents?limit=99999999999999999999999",
        "/v1/collections/house/documents?limit=%ff&state=%ed%a0%80",
        "/v1/collections/house/documents?after=" + "z" * 20_000,
        "/v1/jobs/%00",
        "/v1/jobs/%00/events",
        "/v1/jobs?collection=%00",
        "/%ff%fe",
        "//",
        "/v1/../../etc/passwd",
    ],
)
def test_odd_paths(api: World, path: str) -> None:
    assert_answered(api.client.get(path))
    assert_answered(api.client.delete(path))


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": b"Bearer " + b"a" * 50_000},
        {"Authorization": b"Bearer"},
        {"Origin": b"null"},
        {"Origin": b"http://[::1"},
        {"Host": b"[::1"},
        {"Host": b"127.0.0.1:99999999"},
        {"Host": b"\xff"},
        {"Sec-Fetch-Site": b"\xff"},
        {"Content-Length": b"-1"},
        {"Last-Event-ID": b"\xff"},
        {"Range": b"bytes=9-1"},
        {"If-None-Match": b"\xff"},
        {"Accept": b"\xff/\xff"},
    ],
    ids=str,
)
def test_odd_headers(api: World, headers: Any) -> None:
    some = api.services.records.documents.page(api.services.records.collections.find("house").id)[0]
    for path in ("/v1/collections", f"{ADD}/{some.id}/content"):
        assert_answered(api.client.get(path, headers=headers))


def test_cursors_that_were_tampered_with(api: World) -> None:
    cursor = api.client.post(SEARCH, json={"query": "a red car", "limit": 1}).json()["cursor"]
    assert cursor
    odd = [cursor[:-1], cursor[1:], cursor * 2, "", "=", "é", "\0", cursor.swapcase(), cursor[::-1]]
    odd += [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(48)]
    for one in odd:
        response = api.client.post(SEARCH, json={"cursor": one})
        assert_answered(response)
        assert response.status_code == 422 or one == cursor, one


def test_pictures_that_are_none(api: World) -> None:
    for image in ("", "A", "====", "é", png().hex(), "AAAA" * 1000, "\ud800"):
        part = {"image": image}
        body = json.dumps({"parts": [part], "labels": ["a", "b"], **part}).encode()
        for path in (SEARCH, CLASSIFY):
            headers = {"Content-Type": "application/json"}
            assert_answered(api.client.post(path, content=body, headers=headers))
