"""Answers that may be long: they are written row by row, so that others have their turn in between."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from samespace.core.asker import check_asker


def answer_of(name: str, rows: Iterable[Mapping[str, Any]], **rest: Any) -> Response:
    """The object of `rest`, and of these rows under their name, as JSON; written in the thread of the caller.

    GivenUp, TooLate between two rows: one call for all of them would keep every other thread waiting.
    """
    lines = []
    for row in rows:
        check_asker()
        lines.append(json.dumps(row, separators=(",", ":")))
    members = [f"{json.dumps(name)}:[{','.join(lines)}]"]
    members += [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in rest.items()]
    return Response(f"{{{','.join(members)}}}", media_type="application/json")
