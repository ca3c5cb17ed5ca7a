"""What was uploaded comes back as bytes to keep: never run, never sniffed, under no path that its name chose."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samespace.api.responses.downloads import disposition
from tests.api.world import World, assert_problem, png
from tests.ingest import files

SCRIPT = "<script>alert(1)</script>"
HTML = f"<!doctype html><html><body>{SCRIPT}<p>Words.</p></body></html>"
GIF_AND_SCRIPT = b"GIF89a/*\x01\x00\x80\x00\x00" + b"\0" * 20 + b"*/=1;alert(1)//"


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.html", HTML.encode(), "text/plain; charset=utf-8"),
        ("a.jpg", HTML.encode(), "text/plain; charset=utf-8"),
        ("a.txt", HTML.encode("utf-16"), "text/plain; charset=utf-8"),
        ("a.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "text/plain; charset=utf-8"),
        ("a.md", f"# Title\n{SCRIPT}".encode(), "text/plain; charset=utf-8"),
        ("a.xml", b'<?xml version="1.0"?><x xmlns="y">words</x>', "text/plain; charset=utf-8"),
        ("a.js", b"alert(1)", "text/plain; charset=utf-8"),
        ("a.html", files.pdf(["words"]) + HTML.encode(), "application/pdf"),
        ("a.html", GIF_AND_SCRIPT, "image/gif"),
        ("a.html", png() + HTML.encode(), "image/png"),
    ],
)
def test_nothing_is_run(api: World, name: str, data: bytes, media_type: str) -> None:
    collection = api.collection()
    [document] = api.send(collection, [(name, data)]).json()["documents"]
    answer = api.client.get(f"/v1/collections/{collection}/documents/{document['id']}/content")
    assert answer.content == data
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "svg", [f"<svg>{SCRIPT}</svg>", f'<?xml version="1.0"?><!-- x --><svg>{SCRIPT}</svg>']
)
def test_svg_is_not_taken_in(api: World, name: str, svg: str) -> None:
    assert_problem(api.send(name, [("a.svg", svg.encode())]), 415, "unsupported")


@given(st.text(max_size=1100))
def test_no_name_leaves_its_header(name: str) -> None:
    said = disposition(name)
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 ._()+,=@-]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+",
        said,
    )
    assert "%2F" not in said
    assert "%5C" not in said
    assert "%0" not in said
    assert len(said) < 2000


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\con.txt", "C__x_con.txt"),
        ('a"\r\nSet-Cookie: x.html', "a___Set-Cookie_ x.html"),
        ("..", "document"),
        ("bücher.txt", "b_cher.txt"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("x" * 1000 + ".html", "x" * 134 + ".html"),
    ],
)
def test_names_that_mean_harm(name: str, saved: str) -> None:
    assert f'filename="{saved}"' in disposition(name)


HOSTILE = (
    "../../etc/passwd",
    "/etc/passwd",
    "..\\..\\x.txt",
    "CON",
    "..",
    "a/../../b",
    "%2e%2e%2fx",
    "x" * 1000 + ".txt",
    "$(touch x)",
    "-rf",
)


def test_no_name_reaches_a_path(api: World, name: str, tmp_path: Path) -> None:
    root = api.services.settings.data
    before = set(root.parent.rglob("*"))
    sent = [(each, f"Words of {each}".encode()) for each in HOSTILE]
    documents = api.send(name, sent).json()["documents"]
    assert [each["name"] for each in documents] == list(HOSTILE)
    kept = [str(path.relative_to(root)) for path in set(root.parent.rglob("*")) - before]
    assert [path for path in kept if not re.fullmatch(r"blobs(/[0-9a-z]{2,64}){1,5}", path)] == []
    answer = api.send(name, [("a.txt", b"x")], documents=[{"name": "a\0b.txt"}])
    assert_problem(answer, 422, "invalid_request")


def test_bytes_that_are_known_are_not_sent_again(api: World, name: str) -> None:
    [document] = api.send(name, [("a.txt", b"0123456789")]).json()["documents"]
    url = f"/v1/collections/{name}/documents/{document['id']}/content"
    etag = api.client.get(url).headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = api.client.get(url, headers={"if-none-match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert api.client.get(url, headers={"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=8-", 206, b"89"),
        ("bytes=-3", 206, b"789"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=-99", 200, b"0123456789"),
        ("bytes=0-9", 200, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=4-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=-0", 416, b""),
        ("bytes=" + "9" * 5000 + "-", 200, b"0123456789"),
        ("bytes=²-", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_ranges(api: World, name: str, asked: str, status: int, body: bytes) -> None:
    [document] = api.send(name, [("a.txt", b"0123456789")]).json()["documents"]
    url = f"/v1/collections/{name}/documents/{document['id']}/content"
    answer = api.client.get(url, headers={b"range": asked.encode()})
    assert (answer.status_code, answer.content) == (status, body)
    if status == 206:
        assert answer.headers["content-length"] == str(len(body))
        assert answer.headers["content-range"].endswith("/10")
    stale = {b"range": asked.encode(), b"if-range": b'"other"'}
    assert api.client.get(url, headers=stale).content == b"0123456789"


def test_every_answer_has_safe_headers(api: World) -> None:
    for path in ("/", "/healthz", "/v1/collections", "/nothing", "/docs", "/metrics"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    refused = api.client.get("/v1/collections", headers={"host": "evil.example"})
    assert (refused.status_code, refused.headers["x-frame-options"]) == (403, "DENY")
