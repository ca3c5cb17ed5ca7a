"""User metadata as filters see it: every value under its name and its type.

Stored beside the metadata itself, so that `true`, `1` and `"1"` stay three values in every index, whatever
its own rules for comparing them are, and so that any key can be asked for by a name that every index can read.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from samespace.core.errors import InvalidRequest
from samespace.core.types import Row
from samespace.store.fold import composed, fold
from samespace.store.moments import span_of

MAX_BYTES = 60_000
MAX_DEPTH = 16
MAX_WHOLE = 2**53
"""From here on not every whole number is a 64-bit float."""
LONGEST_TEXT = 4096
"""So many folded characters of a text are compared; no text of a filter has more."""

TEXT, TEXTS, NUMBER, EXACT, MOMENT, TRUTH, OTHER = "s", "t", "n", "x", "d", "b", "o"
"""Tags: a text, the texts that `eq` looks into (both folded), a number as a 64-bit float, a number past MAX_WHOLE to
its last digit, a date in seconds since the epoch, a truth value, anything that has no order."""

DOCUMENT_NAME, ADDED = "$name", "$added"
"""The facets that are of the document, not of its metadata; no key has such a name."""

Facet: TypeAlias = dict[str, Any]

_WORDS_OF_FILTERS = frozenset({"and", "or", "not"})
_ODD = re.compile(r"[^\w.-]")
_LONGEST_NAME = 128
_DIGITS = 999
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def row_facets(row: Row) -> dict[str, Facet]:
    """All that filters can ask of a row beside its columns."""
    found = _fitting(facets(row.metadata))
    if row.name:
        found[DOCUMENT_NAME] = {TEXT: folded(row.name)}
    if row.added is not None:
        found[ADDED] = {MOMENT: row.added}
    return found


def facets(metadata: Mapping[str, Any]) -> dict[str, Facet]:
    """The filterable values by name, those of inner objects under `outer.inner`; null counts as not there.

    Where a key is itself called `outer.inner`, it goes before one inside of an object.
    """
    return {name_of(path): _facet(value) for path, value in values_by_path(metadata).items()}


def values_by_path(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not null by their keys, those of inner objects by all their keys, joined by dots."""
    found: dict[str, Any] = {}
    level = [("", metadata)]
    while level:
        inner: list[tuple[str, Mapping[str, Any]]] = []
        for prefix, values in level:
            for key, value in values.items():
                if value is None:
                    continue
                found.setdefault(prefix + key, value)
                if isinstance(value, Mapping):
                    inner.append((f"{prefix}{key}.", value))
        level = inner
    return found


def name_of(path: str) -> str:
    """The name of the facet of a key (or of keys joined by dots): letters, digits and `_-.:` alone, not too long."""
    name = _ODD.sub(lambda odd: f":{ord(odd[0]):x}:", composed(path)) or "::"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:64]}::{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def path_of(field: str) -> str:
    """The keys that a field of a filter names: `$.` before them says that they are keys, whatever they look like."""
    return field.removeprefix("$.")


def field_of(path: str) -> str:
    """How a filter names these keys."""
    return f"$.{path}" if path.startswith("$") or path in _WORDS_OF_FILTERS else path


def folded(text: str) -> str:
    """A text as it is compared."""
    return fold(text)[:LONGEST_TEXT]


def is_past_floats(number: float) -> bool:
    """Whether a 64-bit float may be its neighbour."""
    return abs(number) >= MAX_WHOLE


def digits_of(number: float) -> str:
    """A whole number past MAX_WHOLE as text that sorts as numbers do."""
    digits = str(abs(int(number)))
    if number > 0:
        return f"p{len(digits):03}{digits}"
    return f"m{_DIGITS - len(digits):03}{digits.translate(_COMPLEMENT)}"


def _facet(value: Any) -> Facet:
    match value:
        case bool():
            return {TRUTH: value}
        case int() | float() if is_past_floats(value):
            return {NUMBER: float(value), EXACT: digits_of(value)}
        case int() | float():
            return {NUMBER: float(value)}
        case str():
            return _text_facet(value)
        case list() | tuple():
            return {OTHER: True, TEXTS: [folded(each) for each in value if isinstance(each, str)]}
        case _:
            return {OTHER: True}


def _text_facet(text: str) -> Facet:
    found: Facet = {TEXT: folded(text), TEXTS: [folded(text)]}
    span = span_of(text)
    if span is not None:
        found[MOMENT] = span.start
    return found


def _fitting(found: dict[str, Facet]) -> dict[str, Facet]:
    """As many facets as an index keeps: all, unless a release before took the metadata in, whose facets were fewer."""
    if len(to_json(found).encode()) <= MAX_BYTES:
        return found
    kept: dict[str, Facet] = {}
    size = 2
    for name, facet in found.items():
        size += len(to_json({name: facet}).encode())
        if size > MAX_BYTES:
            break
        kept[name] = facet
    return kept


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
