"""The sample corpus: its files, what is known of them, and the questions whose right answers are known."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samespace.client.uploads import Source
from samespace.client.wire import Part
from samespace.core.errors import NotFound

CAPTIONS = "captions.csv"
QUERIES = "queries.json"
NOT_SAMPLES = frozenset({CAPTIONS, QUERIES, "SOURCES.md"})


@dataclass(frozen=True, slots=True)
class Question:
    """A query, how it is shown, and the samples that are right answers to it, as paths under the folder."""

    name: str
    shown: str
    kind: str
    parts: tuple[Part, ...]
    pictures: frozenset[str]
    targets: tuple[str, ...] | None
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Samples:
    """The folder, its files by path under it, the questions, and labels with pictures whose label is known."""

    folder: Path
    sources: tuple[Source, ...]
    questions: tuple[Question, ...]
    labels: tuple[str, ...]
    labelled: Mapping[str, str]


def read_samples(folder: Path) -> Samples:
    """Everything there is; NotFound without the folder, which is part of the repository only."""
    if not (folder / QUERIES).is_file():
        raise NotFound(f"there is no {folder / QUERIES}: the demo runs in the source repository")
    queries = json.loads((folder / QUERIES).read_text(encoding="utf-8"))
    classes = queries["classify"]
    return Samples(
        folder=folder,
        sources=tuple(_sources(folder)),
        questions=tuple(_question(folder, each) for each in queries["queries"]),
        labels=tuple(classes["labels"]),
        labelled=classes["pictures"],
    )


def _sources(folder: Path) -> list[Source]:
    about = _captions(folder / CAPTIONS)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder).as_posix() for path in paths}
    return [
        Source(path, name=path.name, external_id=name, metadata=about.get(name))
        for path, name in names.items()
        if name not in NOT_SAMPLES and not path.name.startswith(".")
    ]


def _captions(path: Path) -> dict[str, dict[str, str]]:
    """The columns of the table, by the path in its first one."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        _, *names = next(rows)
        return {
            name: {key: value for key, value in zip(names, values, strict=True) if value}
            for name, *values in rows
        }


def _question(folder: Path, query: Mapping[str, Any]) -> Question:
    pictures = [part["picture"] for part in query["parts"] if "picture" in part]
    return Question(
        name=query["name"],
        shown=" + ".join(_shown(part) for part in query["parts"]),
        kind=query["kind"],
        parts=tuple(_part(folder, part) for part in query["parts"]),
        pictures=frozenset(pictures),
        targets=tuple(query["targets"]) if query.get("targets") else None,
        right=frozenset(query["right"]),
    )


def _shown(part: Mapping[str, Any]) -> str:
    return str(part["picture"]) if "picture" in part else f'"{part["text"]}"'


def _part(folder: Path, part: Mapping[str, Any]) -> Part:
    weight = float(part.get("weight", 1.0))
    if "picture" in part:
        return {"image": (folder / part["picture"]).read_bytes(), "weight": weight}
    return {"text": part["text"], "weight": weight}
