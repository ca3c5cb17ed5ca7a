"""The model of a collection, and its change."""

from pydantic import ConfigDict, Field

from samespace.api.schemas.collections import CollectionSpace
from samespace.core.wire import Model, Word
from workers.kinds.build import NotTaken

KEEP_DAYS = 7.0


class ModelWish(Model):
    """The model that a collection is to be changed to, named as for a new one; one space alone, where one is named.

    `swap`: searches ask it as soon as nothing is lacking. `keep_days`: how long one can go back.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "multilingual"}]})

    model: Word
    space: Word | None = None
    swap: bool = False
    keep_days: float = Field(KEEP_DAYS, ge=0, le=3650)


class Switching(Model):
    """`force`: though documents are lacking that the model cannot take; searches do not find them then. `keep_days`:
    how long one can switch again, from the switch on (left out: as was said before)."""

    force: bool = False
    keep_days: float | None = Field(None, ge=0, le=3650)


class IndexView(CollectionSpace):
    """An index of a collection: its model, whether searches ask it (`live`) or it stands beside those (`building`,
    `retired`); how many of the live documents it holds, how many its model cannot take, and its items."""

    model: str
    role: str
    documents: int
    held: int
    failed: int
    items: int


class ChangeView(Model):
    """A change of the model: from what to what, of one space or (null) of all.

    `state`: `building` while something is lacking in the new indexes, `built` when nothing is, `swapped` once searches
    ask them. `waits_for`: `swap` or `back`, where that is done as soon as nothing is lacking. `lacking` documents are
    not (yet) in what stands beside the live indexes; those that cannot be are `failed_total`, the first are named.
    `problem`: why the last job ended badly, where it did.
    """

    model: str
    before: str
    space: str | None
    state: str
    waits_for: str | None
    lacking: int
    failed_total: int
    failed: list[NotTaken]
    job_id: str | None
    problem: str | None
    keep_days: float
    started_at: str
    swapped_at: str | None
    kept_until: str | None


class CollectionModel(Model):
    """The indexes of a collection with their models, and the change that is under way or can be gone back on (null:
    none)."""

    collection: str
    preset: str
    indexes: list[IndexView]
    change: ChangeView | None
