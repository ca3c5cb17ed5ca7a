import json

import httpx
import pytest

from samespace.client.answers import read_event_line, read_json, retry_after, upload_reader
from samespace.core import errors
from samespace.core.errors import SamespaceError


def problem(status: int, **members: object) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json"}
    request = httpx.Request("GET", "http://there/v1/x")
    return httpx.Response(status, headers=headers, content=json.dumps(members), request=request)


@pytest.mark.parametrize("kind", SamespaceError.__subclasses__())
def test_a_problem_is_the_error_of_its_code(kind: type[SamespaceError]) -> None:
    with pytest.raises(kind, match="limit is 5"):
        read_json(problem(400, code=kind.code, detail="limit is 5"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, errors.NotFound), (503, errors.Unavailable), (418, SamespaceError)],
)
def test_without_a_known_code_the_status_decides(status: int, kind: type[SamespaceError]) -> None:
    with pytest.raises(kind) as raised:
        read_json(problem(status, code="of the future", title="Oh"))
    assert type(raised.value) is kind
    assert str(raised.value) == "Oh"


def test_an_answer_that_is_no_problem_names_the_address() -> None:
    request = httpx.Request("GET", "http://there/v1/x")
    response = httpx.Response(502, text="<html>proxy</html>", request=request)
    with pytest.raises(errors.Unavailable, match="http://there/v1/x answered 502 Bad Gateway"):
        read_json(response)


def test_documents_that_were_all_refused_keep_their_reasons() -> None:
    refused = [
        {"name": "a.zip", "code": "unsupported", "detail": "no"},
        {"name": "b.txt", "code": "unreadable", "detail": "empty"},
    ]
    upload = upload_reader(["a.zip", "b.txt"])(
        problem(415, code="unsupported", detail="no", errors=refused)
    )
    assert upload["job_id"] is None
    assert [document["error"]["code"] for document in upload["documents"]] == [
        "unsupported",
        "unreadable",
    ]


def test_a_request_that_was_refused_as_such_is_an_error() -> None:
    fields = [{"name": "metadata", "code": "invalid_request", "detail": "no object"}]
    with pytest.raises(errors.InvalidRequest, match="no object"):
        upload_reader(["a.txt"])(
            problem(422, code="invalid_request", detail="no object", errors=fields)
        )


@pytest.mark.parametrize(
    ("line", "job"),
    [
        ('data: {"id": "j"}', {"id": "j"}),
        ("event: done", None),
        (": ping", None),
        ("data:", None),
        ("", None),
    ],
)
def test_event_lines(line: str, job: object) -> None:
    assert read_event_line(line) == job


@pytest.mark.parametrize(("value", "seconds"), [("3", 3.0), ("0", 0.1), ("Thu, 01 Jan", 1.0)])
def test_a_busy_server_says_when_to_come_back(value: str, seconds: float) -> None:
    assert retry_after(httpx.Response(429, headers={"Retry-After": value})) == seconds
    assert retry_after(httpx.Response(503, headers={"Retry-After": value})) is None
