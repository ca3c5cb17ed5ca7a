"""Reading JSON bodies and fields by hand, where a route takes more than one kind of body."""

import base64
import binascii
import json
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from samespace.api.errors import invalid_body
from samespace.api.requests.json_size import check_values, not_json
from samespace.core.errors import InvalidRequest, Unsupported
from samespace.core.wire import Model

M = TypeVar("M", bound=Model)


def is_form(request: Request) -> bool:
    """Whether the body is a form; Unsupported if it is not JSON either."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/json", "multipart/form-data"}:
        raise Unsupported(
            f"Content-Type is {kind[:100]!r}; application/json or multipart/form-data is needed"
        )
    return kind == "multipart/form-data"


def parse_json(source: str | bytes, what: str) -> Any:
    """The value; InvalidRequest, TooLarge for more values than are taken."""
    if isinstance(source, str):  # a field of a form; bodies are counted while they come in
        check_values([source.encode("utf-8", "surrogatepass")], what)
    try:
        return json.loads(source)
    except (ValueError, RecursionError) as error:
        raise not_json(error, what) from error


def check(model: type[M], value: object) -> M:
    """The value as that model; InvalidRequest, naming each field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_body(error) from error


def decode_base64(text: str, what: str) -> bytes:
    """The bytes; InvalidRequest."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(f"{what} is not base64: {error}") from error
