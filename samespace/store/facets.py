"""User metadata as filters see it: every value under its name and its type.

Stored beside the metadata itself, so that `true`, `1` and `"1"` stay three values in every index, whatever
its own rules for comparing them are, and so that metadata may have keys that no filter can name.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from samespace.core.errors import InvalidRequest

NAME = re.compile(r"\w[\w-]{0,63}")
MAX_BYTES = 60_000
MAX_DEPTH = 16

TEXT, TEXTS, NUMBER, TRUTH, OTHER = "s", "t", "n", "b", "o"
"""Tags: a text, the texts that `eq` looks into, a number, a truth value, anything that has no order."""

Facet: TypeAlias = dict[str, Any]


def facets(metadata: Mapping[str, Any]) -> dict[str, Facet]:
    """The filterable values by name, those of inner objects as `outer.inner`; null counts as not there."""
    return dict(_facets(metadata, ""))


def _facets(metadata: Mapping[str, Any], prefix: str) -> list[tuple[str, Facet]]:
    found: list[tuple[str, Facet]] = []
    for key, value in metadata.items():
        if value is None or not NAME.fullmatch(key):
            continue
        found.append((prefix + key, _facet(value)))
        if isinstance(value, Mapping):
            found += _facets(value, f"{prefix}{key}.")
    return found


def _facet(value: Any) -> Facet:
    match value:
        case bool():
            return {TRUTH: value}
        case int() | float():
            return {NUMBER: float(value)}
        case str():
            return {TEXT: value, TEXTS: [value]}
        case list() | tuple():
            return {OTHER: True, TEXTS: [each for each in value if isinstance(each, str)]}
        case _:
            return {OTHER: True}


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """InvalidRequest where the index could not keep the metadata: not JSON, too deep or too large.

    Numbers have to be finite as 64-bit floats; 60,000 bytes and 16 levels are the limits.
    """
    _check_value(metadata, "metadata", 1)
    for what, value in (
        ("metadata", metadata),
        ("metadata prepared for filters", facets(metadata)),
    ):
        size = len(to_json(value).encode())
        if size > MAX_BYTES:
            raise InvalidRequest(f"{what}: {size} bytes are more than {MAX_BYTES}")


def to_json(value: object) -> str:
    """Compact JSON in which text stays as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _check_value(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidRequest(f"{path[:200]}: deeper than {MAX_DEPTH} levels")
    match value:
        case str():
            _check_text(value, path)
        case bool() | None:
            pass
        case int() | float():
            _check_number(value, path)
        case Mapping():
            for key, inner in value.items():
                _check_key(key, path)
                _check_value(inner, f"{path}.{key}", depth + 1)
        case list() | tuple():
            for position, inner in enumerate(value):
                _check_value(inner, f"{path}[{position}]", depth + 1)
        case _:
            raise InvalidRequest(f"{path}: {type(value).__name__} is not JSON")


def _check_key(key: object, path: str) -> None:
    if not isinstance(key, str):
        raise InvalidRequest(f"{path}: key {key!r} is not text")
    _check_text(key, path)


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(f"{path!r}: half of a surrogate pair is not text") from None


def _check_number(number: float, path: str) -> None:
    try:
        finite = math.isfinite(float(number))
    except OverflowError:
        finite = False
    if not finite:
        raise InvalidRequest(f"{path}: number out of the range of a 64-bit float")
