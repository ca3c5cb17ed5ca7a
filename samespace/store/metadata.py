"""Metadata that is given to a document which may have some already."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from samespace.core.errors import TooLarge
from samespace.store.facets import check_metadata


class MetadataMode(StrEnum):
    """What becomes of the metadata a document has when it is added again: kept where nothing new is said, or not."""

    MERGE = "merge"
    REPLACE = "replace"


def applied(
    known: Mapping[str, Any], given: Mapping[str, Any], mode: MetadataMode
) -> dict[str, Any]:
    """The metadata of a document that had `known`; a key that is given as null goes."""
    kept = {} if mode is MetadataMode.REPLACE else known
    gone = {key for key, value in given.items() if value is None}
    return {key: value for key, value in {**kept, **given}.items() if key not in gone}


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both say the same, by type too: `1`, `1.0` and `true` are three values. Order says nothing."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def check_size(metadata: Mapping[str, Any], name: str, limit: int) -> None:
    """InvalidRequest where no index could keep it, TooLarge where it has more bytes as JSON than the setting allows."""
    # First the size, which is told quickly: what is too large is not looked at value by value.
    size = _json_size(metadata)
    if size is not None and size > limit:
        raise TooLarge(f"the metadata of {name!r} has {size} bytes, the limit is {limit}")
    check_metadata(metadata)


def _json_size(metadata: Mapping[str, Any]) -> int | None:
    """Bytes as JSON; None for what is none, which `check_metadata` has words for."""
    try:
        return len(json.dumps(metadata, ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError):
        return None
