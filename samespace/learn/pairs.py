"""Pictures with their captions, from a CSV or JSONL file, and what is wrong with such a file."""

import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from PIL import Image

from samespace.core.errors import InvalidRequest
from samespace.learn.tables import MAX_BAD_SHARE, BadRow, check_share, read_table

__all__ = ["MAX_BAD_SHARE", "BadRow", "Pair", "Pairs", "read_pairs", "write_pairs"]

GROUP_COLUMNS = ("group", "class", "label", "kind")

_FURTHER = re.compile(r"caption\d+")
_DECODERS = 2
MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class Pair:
    """A picture, its captions (at least one, none empty), and what is known of it; "" where nothing is.

    `group` is what the picture shows, for splits and classes ("frog"); `source` where it came from
    ("noto"); `split` is "train", "validation" or the name of a judged split.
    """

    path: Path
    captions: tuple[str, ...]
    group: str = ""
    source: str = ""
    split: str = ""


@dataclass(frozen=True)
class Pairs:
    """What a file holds: its pairs in order, each picture once, and the rows that were skipped."""

    good: tuple[Pair, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True)
class _Row:
    line: int
    written: str
    pair: Pair


def read_pairs(
    file: Path,
    max_bad_share: float = MAX_BAD_SHARE,
    check_pictures: bool = True,  # noqa: FBT001, FBT002 (part of the contract with the recipes)
    group_column: str = "",
) -> Pairs:
    """The pairs of a CSV or JSONL file; rows of one picture are joined, paths count from the file's folder.

    A row has `path` and `caption`; further captions stand in `caption2`, `caption3`... or, several in
    one, in `captions` (a list, or a text with ; between them). `group`, `source` and `split` may be
    given; the group may also be called class, label or kind, or as `group_column` says.

    Skipped and listed are rows with a picture that is missing or (with `check_pictures`) cannot be
    decoded, with an empty caption, with nothing but captions its picture has already, or malformed.
    Raises NotFound or Unreadable for the file itself, InvalidRequest for its suffix, where
    `group_column` is not in it, where no row is good, and where more than `max_bad_share` (0 to 1) of the rows are bad.
    """
    columns = (group_column,) if group_column else GROUP_COLUMNS
    folder = absolute(file.parent)
    table = list(read_table(file))
    if group_column and not any(group_column in values for _, values in table):
        raise InvalidRequest(f"{file} has no column {group_column!r}")
    rows = [_parse(line, values, folder, columns) for line, values in table]
    paths = {row.pair.path for row in rows if isinstance(row, _Row)}
    pairs = _join(rows, _wrong_pictures(paths, decode=check_pictures))
    check_share(file, pairs.bad, len(rows), max_bad_share)
    return pairs


def write_pairs(file: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs as JSONL that `read_pairs` reads back; pictures below the file's folder by relative path."""
    folder = absolute(file.parent)
    file.write_bytes(b"".join(orjson.dumps(_as_object(pair, folder)) + b"\n" for pair in pairs))


def _join(rows: Iterable[_Row | BadRow], wrong: Mapping[Path, str]) -> Pairs:
    good: dict[Path, Pair] = {}
    bad: list[BadRow] = []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        known = good.get(row.pair.path)
        if reason := wrong.get(row.pair.path) or _clash(known, row.pair):
            bad.append(BadRow(row.line, row.written, reason))
        else:
            good[row.pair.path] = _merged(known, row.pair)
    return Pairs(tuple(good.values()), tuple(bad))


def _clash(known: Pair | None, new: Pair) -> str:
    if known is None:
        return ""
    if set(new.captions) <= set(known.captions):
        return "the same picture and caption stand in an earlier row"
    for name in ("group", "source", "split"):
        before, now = getattr(known, name), getattr(new, name)
        if now not in {"", before}:
            return f"{name} is {now!r} here and {before!r} in an earlier row"
    return ""


def _merged(known: Pair | None, new: Pair) -> Pair:
    if known is None:
        return new
    return replace(known, captions=tuple(dict.fromkeys(known.captions + new.captions)))


# pictures


def _wrong_pictures(paths: Iterable[Path], *, decode: bool) -> dict[Path, str]:
    """Why each picture that cannot be used cannot be."""
    _open_heif()
    ordered = sorted(paths)
    with ThreadPoolExecutor(_DECODERS) as pool:
        reasons = list(pool.map(_trouble_with if decode else _absence_of, ordered))
    return {path: reason for path, reason in zip(ordered, reasons, strict=True) if reason}


def _absence_of(path: Path) -> str:
    return "" if path.is_file() else "there is no such file"


def _trouble_with(path: Path) -> str:
    if reason := _absence_of(path):
        return reason
    try:
        with Image.open(path) as image:
            if (pixels := image.width * image.height) > MAX_PIXELS:
                return f"it has {pixels} pixels, the limit is {MAX_PIXELS}"
            image.draft(None, (1, 1))  # JPEG: every byte is read, few pixels are made
            image.load()
    except Exception:  # decoders raise whatever they stumble over, in words for programmers
        return "it is damaged or not a picture"
    return ""


def _open_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


# rows


def _parse(
    line: int, values: Mapping[str, Any] | str, folder: Path, group_columns: tuple[str, ...]
) -> _Row | BadRow:
    if isinstance(values, str):
        return BadRow(line, "", values)
    written, captions = values.get("path"), _captions(values)
    if not isinstance(written, str) or not written.strip() or "\0" in written:
        return BadRow(line, "", "it names no picture in path")
    if not all(isinstance(text, str) for text in captions):
        return BadRow(line, written, "its captions are not texts")
    texts = tuple(dict.fromkeys(" ".join(text.split()) for text in captions))
    if not texts or "" in texts:
        return BadRow(line, written, "its caption is empty")
    group = next((values[name] for name in group_columns if values.get(name)), "")
    known = (group, values.get("source") or "", values.get("split") or "")
    return _Row(line, written, Pair(absolute(folder / written), texts, *map(_text, known)))


def _captions(values: Mapping[str, Any]) -> list[Any]:
    """What stands in caption, captions and caption2...; a table has further columns, which may be empty."""
    first = [values["caption"]] if "caption" in values else []
    several = values.get("captions") or []
    if isinstance(several, str):
        several = [text for text in several.split(";") if text.strip()]
    further = [
        text for name, text in values.items() if _FURTHER.fullmatch(name) and str(text).strip()
    ]
    return [*first, *(several if isinstance(several, list) else [several]), *further]


def _text(value: object) -> str:
    return " ".join(str(value).split())


def absolute(path: Path) -> Path:
    """The path from the root, without `..`; links stay links."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve follows links)


def _as_object(pair: Pair, folder: Path) -> dict[str, Any]:
    path = absolute(pair.path)
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    known = {name: getattr(pair, name) for name in ("group", "source", "split")}
    return {"path": str(shown), "captions": list(pair.captions)} | {
        name: value for name, value in known.items() if value
    }
