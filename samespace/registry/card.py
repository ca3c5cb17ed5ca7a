"""Where a model came from: what its folder says of it, in a card of ours or in that of a hub."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samespace.core.errors import InvalidRequest

CARD = "samespace-card.json"
"""The card that `samespace train` writes beside the weights."""
_MOST_BYTES = 1_000_000
_LONGEST_LICENCE = 200
_LONGEST = 2000
_LICENCE_FILES = ("LICENSE", "LICENCE", "COPYING")


class Learned(BaseModel):
    """What a model learned from: a collection or a file, how many pairs or items, how many were held back."""

    model_config = ConfigDict(extra="ignore")

    collection: str | None = Field(default=None, max_length=_LONGEST)
    file: str | None = Field(default=None, max_length=_LONGEST)
    items: int | None = None
    held_back: int | None = None


class Card(BaseModel):
    """Where a model came from: its parent, by which method, from what, when, with which figures on what was held
    back, and by which release of this project."""

    model_config = ConfigDict(extra="ignore")

    parent: str | None = Field(default=None, max_length=_LONGEST)
    method: str | None = Field(default=None, max_length=_LONGEST)
    data: Learned = Learned()
    figures: dict[str, float] = Field(default={}, max_length=100)
    code: str | None = Field(default=None, max_length=_LONGEST)
    made_at: str | None = Field(default=None, max_length=_LONGEST)
    licence: str | None = Field(default=None, max_length=_LONGEST)


def read_card(folder: Path) -> Card | None:
    """The card that a training of ours left in a folder; None if it has none, InvalidRequest for a broken one."""
    file = folder / CARD
    if not file.is_file():
        return None
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES} bytes")
        return Card.model_validate(json.loads(file.read_text()))
    except (ValueError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise InvalidRequest(f"{file} is no card of a model: {said}") from error


def write_card(folder: Path, card: Card) -> None:
    """Leave a card in a folder."""
    (folder / CARD).write_text(f"{json.dumps(card.model_dump(), indent=1)}\n")


def licence_of(folder: Path) -> str | None:
    """The licence as the card of a hub (README.md) names it, else the first line of a licence file; None if there is
    neither."""
    return _of_readme(folder / "README.md") or _of_file(folder)


def _of_readme(file: Path) -> str | None:
    """What the front matter says, as hubs have it."""
    from huggingface_hub import metadata_load

    if not file.is_file() or file.stat().st_size > _MOST_BYTES:
        return None
    try:
        front = metadata_load(file) or {}
    except Exception:  # a card that is no YAML says nothing
        return None
    said = front.get("license")
    if said == "other":
        said = front.get("license_name", said)
    return said[:_LONGEST_LICENCE] if isinstance(said, str) else None


def _of_file(folder: Path) -> str | None:
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.upper().startswith(_LICENCE_FILES):
            lines = (line.strip() for line in file.read_text(errors="replace").splitlines())
            return next((line[:_LONGEST_LICENCE] for line in lines if line), file.name)
    return None


def shown(card: Mapping[str, Any]) -> Card:
    """A card as it is on record."""
    return Card.model_validate(card)
