import json
from datetime import UTC, datetime
from typing import Any

import pytest

from samespace.client import requests
from samespace.client.requests import Request
from samespace.core.errors import InvalidRequest


def test_verbs_leave_out_what_was_not_given() -> None:
    assert requests.create_collection("a").json == {"name": "a"}
    assert requests.create_collection("a", "clip").json == {"name": "a", "preset": "clip"}
    assert requests.documents("a", state="failed", limit=5).params == {
        "state": "failed",
        "limit": 5,
    }
    assert requests.jobs().params == {}


def test_a_quota_of_none_is_something_given() -> None:
    assert requests.set_quota("a", max_bytes=5).json == {"max_bytes": 5}
    assert requests.set_quota("a", max_documents=None).json == {"max_documents": None}


def test_keys_and_audit_lines_are_asked_for_with_what_was_given() -> None:
    made = requests.create_key("me", ["read"], collections=["a"], expires_in=60)
    assert made.json == {
        "name": "me",
        "scopes": ["read"],
        "collections": ["a"],
        "expires_in": 60,
    }
    assert requests.create_key("me").json == {"name": "me"}
    assert requests.rotate_key("k", 5).path == "/v1/keys/k/rotate"
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert requests.audit(since=moment).params == {"since": "2026-01-01T00:00:00+00:00"}


def test_an_empty_list_is_something_given() -> None:
    body = requests.delete("a", external_prefix="/photos/", keep=[]).json
    assert body == {"external_prefix": "/photos/", "keep": []}


def test_search_by_words_is_json() -> None:
    request = requests.search("a", "red car", targets=("image",), filter={"year": 1999}, limit=3)
    assert request.files is None
    assert request.json == {
        "query": "red car",
        "targets": ["image"],
        "filter": {"year": 1999},
        "limit": 3,
        "offset": 0,
    }


def test_search_by_pictures_is_a_form_whose_parts_name_its_files() -> None:
    request = requests.search(
        "a",
        parts=[
            {"image": b"one", "weight": 2},
            {"text": "red", "weight": -1},
            {"image": b"two"},
            {"item": "i"},
        ],
    )
    assert request.json is None
    assert request.files == [("image", ("image-0", b"one")), ("image", ("image-1", b"two"))]
    assert json.loads((request.data or {})["request"])["parts"] == [
        {"weight": 2, "image_file": 0},
        {"text": "red", "weight": -1},
        {"image_file": 1},
        {"item": "i"},
    ]


def test_what_calls_off_and_takes_up_again_is_posted() -> None:
    for request, path, body in (
        (requests.cancel("a", iter(["x"])), "/v1/collections/a/documents/cancel", {"ids": ["x"]}),
        (requests.retry("a", ["x"]), "/v1/collections/a/documents/retry", {"ids": ["x"]}),
        (
            requests.retry("a", ["x"], encoding="cp1251"),
            "/v1/collections/a/documents/retry",
            {"ids": ["x"], "encoding": "cp1251"},
        ),
        (requests.pause("a"), "/v1/collections/a/pause", None),
        (requests.resume("a"), "/v1/collections/a/resume", None),
        (requests.cancel_job("j"), "/v1/jobs/j/cancel", None),
        (requests.retry_job("j"), "/v1/jobs/j/retry", None),
    ):
        assert (request.method, request.path, request.json) == ("POST", path, body)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/"])
def test_a_name_that_would_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be the name or id of a collection"):
        requests.collection(name)
    with pytest.raises(InvalidRequest, match="job"):
        requests.job(name)


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (requests.collection("a b?c#d%"), "/v1/collections/a%20b%3Fc%23d%25"),
        (requests.document("ü", "x"), "/v1/collections/%C3%BC/documents/x"),
        (requests.job_events("j"), "/v1/jobs/j/events"),
    ],
)
def test_names_are_quoted_in_paths(request_: Request[Any], path: str) -> None:
    assert request_.path == path
