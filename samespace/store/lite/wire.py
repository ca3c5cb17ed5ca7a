"""A question and its answer as they go between the API and the launcher of the embedded index, in one call.

Only what is needed lies in them, as JSON: Milvus's own messages take several times as long to make and to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson

from samespace.core.types import Vectors

SERVICE, METHOD = "samespace.Lite", "Nearest"

Entity: TypeAlias = dict[str, Any]
"""A row by the names of its columns."""


@dataclass(frozen=True, slots=True)
class Question:
    """For each filter the `limit` rows of a collection nearest to a vector, `shown` of them with all `columns`."""

    collection: str
    filters: Sequence[str]
    vector: Vectors
    limit: int
    shown: int
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """What fits one filter, nearest first: column by column, and the first rows as a whole."""

    keys: Sequence[str]
    documents: Sequence[str]
    generations: Sequence[int]
    scores: Vectors
    rows: Sequence[Entity]


def pack_question(question: Question) -> bytes:
    """The question as bytes."""
    return orjson.dumps(question, option=orjson.OPT_SERIALIZE_NUMPY)


def unpack_question(content: bytes) -> Question:
    """The question that was packed."""
    found = orjson.loads(content)
    return Question(**{**found, "vector": np.array(found["vector"], np.float32)})


def pack_answer(lists: Sequence[Listed]) -> bytes:
    """The answer as bytes, a list for each filter."""
    return orjson.dumps(lists, option=orjson.OPT_SERIALIZE_NUMPY)


def unpack_answer(content: bytes) -> list[Listed]:
    """The answer that was packed; scores are the same numbers in float32."""
    found = orjson.loads(content)
    return [Listed(**{**each, "scores": np.array(each["scores"], np.float32)}) for each in found]
