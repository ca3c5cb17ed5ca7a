"""What is wrong is answered shortly and soon, however much of it was sent; and no list or text is without end."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from samespace.api.requests import json_size as values
from samespace.api.requests.json_size import MOST_VALUES, check_values
from samespace.core.errors import TooLarge
from samespace.core.settings import Settings
from tests.api.world import HOME, World, assert_problem

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=b"}
LONGEST_ANSWER = 12_000
SIZE = Settings().max_json_bytes
Json = dict[str, Any]


def of(head: bytes, piece: bytes, tail: bytes, size: int = SIZE) -> bytes:
    """A body of that size at most, of one piece again and again."""
    return (
        head
        + piece * ((size - len(head) - len(tail) - len(piece)) // len(piece))
        + piece[:-1]
        + tail
    )


WORST = {
    "labels": ("classify", of(b'{"text": "a", "labels": [', b"0,", b"]}")),
    "prompts": (
        "classify",
        of(b'{"text": "a", "labels": [{"name": "a", "prompts": [', b"0,", b"]}]}"),
    ),
    "many labels": ("classify", of(b'{"text": "a", "labels": [', b'{"prompts":[0]},', b"]}")),
    "templates": ("classify", of(b'{"text": "a", "labels": ["a"], "templates": [', b"0,", b"]}")),
    "targets": ("classify/jobs", of(b'{"labels": ["a"], "targets": [', b"0,", b"]}")),
    "documents": ("documents", of(b'{"documents": [', b"0,", b"]}")),
    "empty documents": ("documents", of(b'{"documents": [', b"{},", b"]}")),
    "unknown fields": ("documents", b"{%b}" % b",".join(b'"f%d":0' % n for n in range(190_000))),
    "a long field": ("documents", of(b'{"', b"x", b'": 1}')),
    "parts": ("search", of(b'{"parts": [', b"0,", b"]}")),
    "a filter": ("search", of(b'{"query": "a", "filter": [', b"[],", b"]}")),
    "input": ("/v1/embeddings", of(b'{"input": [', b"0,", b"]}")),
    "images": ("/v1/embeddings", of(b'{"images": [', b"null,", b"]}")),
    "keep": ("documents/delete", of(b'{"external_prefix": "/", "keep": [', b"0,", b"]}")),
    "a few too many": ("documents/delete", of(b'{"ids": [', b"0,", b"]}", 990_000)),
    "ids": ("documents/get", of(b'{"ids": [', b"0,", b"]}")),
    "scopes": ("/v1/keys", of(b'{"name": "a", "scopes": [', b'"",', b"]}")),
    "metadata": (
        "documents",
        b'{"text": "a", "metadata": {%b}}' % b",".join(b'"f%d":0' % n for n in range(190_000)),
    ),
    "too many fields": ("documents", b"{%b}" % b",".join(b'"f%d":0' % n for n in range(590_000))),
    "depth": ("search", b"[" * (SIZE - 1)),
    "a number": ("search", b'{"query": "a", "limit": %b}' % (b"9" * (SIZE - 100))),
    "UTF-16": ("search", ('{"query": "∢", "parts": [' + "[]," * 3_000_000).encode("utf-16")),
}


def arrays_and_texts(
    schema: Json, known: Json, place: str, seen: set[str]
) -> Iterator[tuple[str, Json]]:
    """Each schema of a list or a text within a schema, with where it stands."""
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            yield from arrays_and_texts(known[name], known, name, seen)
        return
    if schema.get("type") in {"array", "string"}:
        yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from arrays_and_texts(
            inner | {"description": inner.get("description", "")}, known, f"{place}.{name}", seen
        )
    for key in ("anyOf", "allOf", "oneOf", "prefixItems"):
        for inner in schema.get(key, []):
            said = {"description": schema.get("description", "")} | inner
            yield from arrays_and_texts(said, known, place, seen)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from arrays_and_texts(schema[key], known, f"{place}[]", seen)


def is_bounded(schema: Json) -> bool:
    if schema["type"] == "array":
        return "maxItems" in schema
    is_short = {"maxLength", "enum", "const"} & schema.keys() or schema.get("format") == "date-time"
    is_exact = schema.get("pattern", "").endswith("{32}$")
    return bool(is_short) or is_exact or "ounded by SAMESPACE_" in schema.get("description", "")


def test_every_list_and_text_that_is_taken_has_a_longest_length(api: World) -> None:
    described = api.client.get("/openapi.json").json()
    known, seen, found = described["components"]["schemas"], set[str](), 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            asked = [
                (one["name"], one["schema"])
                for one in operation.get("parameters", [])
                if one["in"] == "query"
            ]
            sent = operation.get("requestBody", {}).get("content", {})
            asked += [("body", each["schema"]) for each in sent.values()]
            for name, schema in asked:
                for place, each in arrays_and_texts(schema, known, f"{method} {path} {name}", seen):
                    found += 1
                    assert is_bounded(each), f"{place} has no longest length: {each}"
    assert found > 50


@pytest.mark.alone
@pytest.mark.parametrize("shape", WORST)
def test_wrong_bodies_of_the_largest_size_are_answered_shortly(api: World, shape: str) -> None:
    path, body = WORST[shape]
    assert len(body) <= SIZE
    url = path if path.startswith("/") else f"/v1/collections/{api.collection()}/{path}"
    response, seconds, stall = asyncio.run(stalls(api, url, body))
    problem = assert_problem(response, response.status_code, response.json()["code"])
    assert response.status_code in {400, 413, 422}
    assert len(response.content) <= LONGEST_ANSWER
    assert len(problem.get("errors", [])) <= 20
    # 31 to 54 s before there were bounds; of the processor, for others may be busy on the machine.
    assert stall < 3 and seconds < 20, f"{shape}: {seconds:.1f} s, others waited {stall:.1f} s"


async def stalls(api: World, url: str, body: bytes) -> tuple[httpx.Response, float, float]:
    """The answer, how long it took, and the longest time for which nothing else went on: seconds of the processor."""
    longest, is_over = 0.0, False

    async def tick() -> None:
        nonlocal longest
        while not is_over:
            began = time.process_time()
            await asyncio.sleep(0.005)
            longest = max(longest, time.process_time() - began)

    transport = httpx.ASGITransport(app=api.client.app)
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        ticking = asyncio.create_task(tick())
        began = time.process_time()
        response = await client.post(url, content=body, headers=JSON)
        seconds = time.process_time() - began
        is_over = True
        await ticking
    return response, seconds, longest


def test_twenty_errors_are_told_and_how_many_more(api: World, name: str) -> None:
    body = {"documents": [{"text": 1} for _ in range(50)]}
    problem = assert_problem(
        api.client.post(f"/v1/collections/{name}/documents", json=body), 422, "invalid_request"
    )
    assert len(problem["errors"]) == 20
    assert problem["errors"][19] == {
        "name": "documents.19.text",
        "code": "invalid_request",
        "detail": "Input should be a valid string",
    }
    assert problem["detail"].endswith(
        "documents.19.text: Input should be a valid string; and 30 more"
    )


def test_what_is_repeated_is_shortened(api: World, name: str) -> None:
    long = "x" * 30_000
    url = f"/v1/collections/{name}"
    for response in (
        api.client.post(f"{url}/search", json={long: 1}),
        api.client.post(f"{url}/search", json={"query": "a", "targets": [long[:1000]] * 16}),
        api.client.post(f"{url}/search", json={"query": "a", "filter": {long: 1}}),
        api.client.post(f"{url}/search", json={"query": "a", "filter": {"a": {long: 1}}}),
        api.client.post(f"{url}/search", json={"query": "a", "cursor": long}),
        api.client.post(f"{url}/search", json={"query": "a", "limit": 10**4000}),
        api.client.post(f"{url}/documents", json={"url": "ftp://" + long[:2000]}),
        api.client.post(f"{url}/documents", json={"text": "a", "metadata": {long: long}}),
        api.client.post("/v1/collections", json={"name": long}),
        api.client.post("/v1/embeddings", json={"input": "a", "model": long[:1000]}),
        api.client.get(f"/v1/collections/{long}"),
        api.client.get(f"{url}/documents", params={"state": long}),
        api.client.get(f"/{long}"),
    ):
        assert 400 <= response.status_code < 500, response.text[:500]
        assert len(response.content) < LONGEST_ANSWER, response.text[:500]


def test_fields_of_one_name_count_as_many(api: World, name: str) -> None:
    field = b'--b\r\ncontent-disposition: form-data; name="metadata"\r\n\r\n\r\n'
    began = time.monotonic()
    for path in ("documents", "search"):
        url = f"/v1/collections/{name}/{path}"
        response = api.client.post(url, content=field * 100_000 + b"--b--\r\n", headers=FORM)
        problem = assert_problem(response, 413, "too_large")
        assert problem["detail"] == "the form has more than 1000 fields"
    assert time.monotonic() - began < 20


def test_the_head_of_a_part_is_bounded(api: World, name: str) -> None:
    for head in (
        b'content-disposition: form-data; name="file"; filename="%b"' % (b"n" * 1_000_000),
        b"\r\n".join(b"x-%d: a" % n for n in range(10_000)),
    ):
        body = b"--b\r\n" + head + b"\r\n\r\na\r\n--b--\r\n"
        url = f"/v1/collections/{name}/documents"
        response = api.client.post(url, content=body, headers=FORM)
        assert_problem(response, 422, "invalid_request")


def test_a_field_of_a_form_is_bounded_as_a_body_is(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/documents"
    notes = "[" + "{}," * 2_000_000 + "{}]"
    response = api.client.post(url, files=[("file", ("a.txt", b"a"))], data={"documents": notes})
    detail = assert_problem(response, 413, "too_large")["detail"]
    assert (
        detail
        == "the field documents holds more than 600000 values or 200000 fields, the most taken at once"
    )
    response = api.client.post(
        url, files=[("file", ("a.txt", b"a"))], data={"documents": "[" + "0," * 1000 + "0]"}
    )
    detail = assert_problem(response, 422, "invalid_request")["detail"]
    assert detail == "the field documents has 1001 entries for 1 files"


def test_numbers_of_many_digits_are_no_library_text(api: World, name: str) -> None:
    body = b'{"query": "a", "limit": %b}' % (b"9" * 5000)
    response = api.client.post(f"/v1/collections/{name}/search", content=body, headers=JSON)
    detail = assert_problem(response, 422, "invalid_request")["detail"]
    assert detail == "the body has a number of too many digits"


def test_a_text_may_have_as_many_commas_as_it_likes(api: World, name: str) -> None:
    text = 'a, b, [c], {d}, \\", ' * 150_000
    assert text.count(",") + text.count("[") + text.count("{") > MOST_VALUES
    response = api.client.post(f"/v1/collections/{name}/documents", json={"text": text})
    assert response.status_code == 202, response.text


def test_a_long_list_of_files_to_keep_is_taken(api: World, name: str) -> None:
    api.add(name, "Gone.", external_id="/home/somebody/pictures/gone.jpg")
    keep = [f"/home/somebody/pictures/{number}.jpg" for number in range(300_000)]
    body = {"external_prefix": "/home/somebody/", "keep": keep}
    response = api.client.post(f"/v1/collections/{name}/documents/delete", json=body)
    assert response.status_code == 202, response.text[:500]
    assert len(response.json()["deleted"]) == 1


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (b"[1, 2, 3]", 4),
        (b'["a:::b", "[{,", "\\",,\\\\"]', 4),
        (b'{"a,b": {"c": [1, 2]}, "\\\\": ","}', 6),
        (b'"' + b",[{" * 100 + b'"', 1),
        (b'"' + b"\\\\" * 50 + b'", 1', 2),
        (b'"never ends, ', 1),
    ],
)
def test_values_are_counted(source: bytes, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_VALUES", count)
    check_values([source], "it")
    monkeypatch.setattr(values, "MOST_VALUES", count - 1)
    with pytest.raises(TooLarge):
        check_values([source[:3], source[3:]], "it")


def test_fields_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    source = rb'{"a:b": {"c": [":", 2]}, "\\": ": :"}'
    monkeypatch.setattr(values, "MOST_NAMES", 3)
    check_values([source], "it")
    monkeypatch.setattr(values, "MOST_NAMES", 2)
    with pytest.raises(TooLarge, match="more than 600000 values or 2 fields"):
        check_values([source], "it")


@pytest.mark.alone
@pytest.mark.slow
def test_counting_values_is_linear() -> None:
    def seconds(size: int, piece: bytes) -> float:
        source = b"[" + piece * (size // len(piece))
        began = time.perf_counter()
        with suppress(TooLarge):
            check_values([source], "it")
        return time.perf_counter() - began

    for piece in (b'"\\",', b'\\"', b'",', b"\\\\,", b'"",', b'"a,b":{},', b'""'):
        few = max(min(seconds(8_000_000, piece) for _ in range(2)), 0.02)
        assert seconds(32_000_000, piece) < 4 * few * 5, piece


@pytest.mark.parametrize("path", ["search", "similar"])
def test_json_that_is_wrong_says_so_in_this_projects_words(
    api: World, name: str, path: str
) -> None:
    for body, detail in (
        (b"\xff", "the body is not UTF-8"),
        (b'{"limit": %b}' % (b"9" * 5000), "the body has a number of too many digits"),
        (b"[" * 100_000, "the body is nested too deeply"),
        (
            json.dumps([1] * 3).encode()[:-1],
            "the body is not JSON: Expecting ',' delimiter: line 1 column 9 (char 8)",
        ),
    ):
        response = api.client.post(f"/v1/collections/{name}/{path}", content=body, headers=JSON)
        assert assert_problem(response, 422, "invalid_request")["detail"] == detail
