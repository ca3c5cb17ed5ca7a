"""The one table from errors to HTTP statuses; every error is answered as problem+json (RFC 9457)."""

import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from samespace.api.requests.json_size import not_json
from samespace.api.routes.checks import methods_of
from samespace.core import errors
from samespace.core.errors import Busy, GivenUp, InvalidRequest, SamespaceError, TooLate
from samespace.core.nearest import not_known
from samespace.core.wire import UNKNOWN_FIELD

log = logging.getLogger(__name__)

STATUS: dict[type[SamespaceError], int] = {
    errors.InvalidRequest: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.QuotaExceeded: 403,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Unreadable: 422,
    errors.Busy: 429,
    errors.Unavailable: 503,
    errors.FingerprintMismatch: 409,
}
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": "1"},
}
_CODES = {404: "not_found", 405: "method_not_allowed"}
# An answer repeats what was sent, which may be anything: none of it without end.
MOST_TOLD = 20
_LONGEST_NAME = 200
_LONGEST_PART = 1000
_LONGEST_DETAIL = 4000


class InvalidBody(InvalidRequest):
    """A request whose fields are not what is wanted; `fields` has an entry for each of the first that are wrong."""

    def __init__(self, fields: Sequence[dict[str, str]], more: int = 0) -> None:
        said = [f"{field['name']}: {field['detail']}" for field in fields]
        super().__init__("; ".join(said) + (f"; and {more} more" if more else ""))
        self.fields = fields


def invalid_body(error: ValidationError | RequestValidationError) -> InvalidBody:
    """What pydantic found, in this project's words; the first 20 of it."""
    found = error.errors()
    return InvalidBody([_field(each) for each in found[:MOST_TOLD]], max(0, len(found) - MOST_TOLD))


def _field(found: Mapping[str, Any]) -> dict[str, str]:
    place: Iterable[object] = found["loc"]
    name = shortened(".".join(shortened(str(part), _LONGEST_NAME) for part in place), _LONGEST_NAME)
    detail = found["msg"]
    if found["type"] == UNKNOWN_FIELD:
        detail = not_known(found["ctx"]["name"], "field of this", found["ctx"]["known"])
    return {
        "name": name or "body",
        "code": InvalidRequest.code,
        "detail": shortened(detail, _LONGEST_PART),
    }


def shortened(text: str, most: int = _LONGEST_DETAIL) -> str:
    """The text with its beginning and end, where the limits stand, if it is longer than that."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[-end:]}"


def status_of(error: SamespaceError) -> int:
    """The status of an error, that of its nearest class in the table; 500 without one."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(error: SamespaceError, parts: Sequence[dict[str, Any]] = ()) -> Response:
    """The answer to an error; `parts` name each thing that failed."""
    if isinstance(error, InvalidBody):
        parts = error.fields
    answer = _answer(status_of(error), error.code, str(error), parts)
    if isinstance(error, Busy | TooLate):
        answer.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return answer


def _answer(status: int, code: str, detail: str, parts: Sequence[dict[str, Any]] = ()) -> Response:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": shortened(detail),
        "code": code,
    }
    if parts:
        content["errors"] = list(parts)
    # In ASCII: it repeats what was sent, and that may hold what UTF-8 cannot.
    return Response(json.dumps(content), status, _HEADERS.get(status), "application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of this application as a problem."""
    app.add_exception_handler(SamespaceError, _on_own)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(GivenUp, _on_disconnect)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_own(_: Request, error: Exception) -> Response:
    assert isinstance(error, SamespaceError)  # noqa: S101
    if status_of(error) == 500:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
    return problem(error)


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if isinstance(error.__cause__, JSONDecodeError):
        return problem(not_json(error.__cause__, "the body"))
    return problem(invalid_body(error))


async def on_http(request: Request, error: Exception) -> Response:
    """The answer to an error of the framework, such as a path that there is not."""
    assert isinstance(error, HTTPException)  # noqa: S101
    # What breaks while a body is read reaches us as the cause of a 400.
    if isinstance(error.__cause__, SamespaceError):
        return problem(error.__cause__)
    if isinstance(error.__cause__, ValueError | RecursionError):
        return problem(not_json(error.__cause__, "the body"))
    code = _CODES.get(error.status_code, InvalidRequest.code)
    response = _answer(error.status_code, code, str(error.detail))
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names those of one route; folders of files say nothing, and take these.
        allowed = methods_of(request.app.routes, request.scope) or {"GET", "HEAD"}
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _on_unexpected(_: Request, error: Exception) -> Response:
    detail = f"unexpected {type(error).__name__}; the log of the server has the rest"
    return _answer(500, SamespaceError.code, detail)
