"""Reading answers: JSON, problems as the errors of `samespace.core.errors`, uploads, events."""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any, cast

import httpx

from samespace.client.views import Job
from samespace.client.wire import Accepted, Map, Point, Upload
from samespace.core import errors
from samespace.core.errors import SamespaceError

_ERRORS: dict[str, type[SamespaceError]] = {
    kind.code: kind for kind in SamespaceError.__subclasses__()
}
# Of servers before 0.5.0, which do not name them.
_MODALITIES = ("text", "image")
_BY_STATUS: dict[int, type[SamespaceError]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    413: errors.TooLarge,
    429: errors.Busy,
    502: errors.Unavailable,
    503: errors.Unavailable,
    504: errors.Unavailable,
}


def read_json(response: httpx.Response) -> Any:
    """The body; raises the SamespaceError that the problem names."""
    raise_for_problem(response)
    return response.json()


def pick(key: str) -> Callable[[httpx.Response], Any]:
    """A reader of one member of the body."""
    return lambda response: read_json(response)[key]


def read_nothing(response: httpx.Response) -> None:
    """A reader for where only the errors matter."""
    raise_for_problem(response)


def read_bytes(response: httpx.Response) -> bytes:
    """The body as it is."""
    raise_for_problem(response)
    return response.content


def read_map(response: httpx.Response) -> Map:
    """A map from its binary form, which `samespace.api.routes.map` describes."""
    body = memoryview(read_bytes(response))
    start = 4 + int.from_bytes(body[:4], "little")
    header = json.loads(bytes(body[4:start]))
    count = header["count"]
    x = struct.unpack_from(f"<{count}f", body, start)
    y = struct.unpack_from(f"<{count}f", body, start + 4 * count)
    items = bytes(body[start + 8 * count :][: 16 * count]).hex()
    documents = bytes(body[start + 24 * count :][: 16 * count]).hex()
    modalities = header.pop("modalities", _MODALITIES)
    points: list[Point] = [
        {
            "x": x[n],
            "y": y[n],
            "item": items[32 * n : 32 * n + 32],
            "document": documents[32 * n : 32 * n + 32],
            "modality": modalities[body[start + 40 * count + n]],
        }
        for n in range(count)
    ]
    return cast(Map, {**header, "points": points})


def upload_reader(names: Sequence[str]) -> Callable[[httpx.Response], Upload]:
    """A reader of the answer to documents of these names.

    It tells what became of each also where none was taken; it raises where the request itself was refused.
    """

    def read(response: httpx.Response) -> Upload:
        refused = _problem(response).get("errors") or []
        if response.is_error and [each.get("name") for each in refused] == list(names):
            return {"job_id": None, "documents": [_refused(each) for each in refused]}
        return cast(Upload, read_json(response))

    return read


def read_event_line(line: str) -> Job | None:
    """The job or document a line of an event stream carries, if it carries one."""
    field, _, value = line.partition(":")
    if field != "data" or not value.strip().startswith("{"):
        return None
    return cast(Job, json.loads(value))


def require_ready(job: Job) -> None:
    """SamespaceError unless the job came to a good end."""
    if job["state"] != "ready":
        raise SamespaceError(f"job {job['id']} {job['state']}: {job['reason']}")


def raise_for_problem(response: httpx.Response) -> None:
    """Raise what the server said went wrong; the body must have been read."""
    if not response.is_error:
        return
    problem = _problem(response)
    status = response.status_code
    kind = _ERRORS.get(str(problem.get("code"))) or _BY_STATUS.get(status, SamespaceError)
    said = problem.get("detail") or problem.get("title") or response.reason_phrase
    raise kind(str(said) if problem else f"{response.url} answered {status} {said}")


def retry_after(response: httpx.Response) -> float | None:
    """Seconds after which a busy server wants to be asked again; None if it is not busy."""
    if response.status_code != 429:
        return None
    try:
        return max(0.1, float(response.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _problem(response: httpx.Response) -> dict[str, Any]:
    if not response.is_error or "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(error: dict[str, Any]) -> Accepted:
    trouble = {"code": str(error.get("code", "error")), "detail": str(error.get("detail", ""))}
    return cast(Accepted, {"name": str(error.get("name", "?")), "error": trouble})
