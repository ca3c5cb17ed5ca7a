"""What a query is answered with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samespace.core.types import Metadata, Modality, Place, Row
from samespace.store.records import LiveDocument
from search.rank import Ranked, ScorePart
from search.trace import Gap, Took


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked item with its reasons; `text` is the passage, empty for most pictures."""

    id: str
    document_id: str
    document_name: str
    external_id: str | None
    content_hash: str
    modality: Modality
    score: float
    parts: tuple[ScorePart, ...]
    text: str
    place: Place
    position: int
    media_type: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of the ranking.

    `total` items can be paged through; `truncated` says that the ranking ends at the candidate depth, so that
    more may fit. `no_good_match` says that even the best hit is no better than the best of as many
    unrelated items would be; it is said of questions in words alone.
    `cursor` leads to the next stretch, None at the end. `missing` names the spaces that did not answer, then or
    while the ranking was made; `warnings` say what was cut. `unknown_fields` are what a filter that let nothing
    through asked for and no document has.
    """

    hits: tuple[Hit, ...]
    total: int
    truncated: bool
    no_good_match: bool
    cursor: str | None
    missing: tuple[Gap, ...]
    warnings: tuple[str, ...]
    took: Took
    unknown_fields: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether a space is missing from it."""
        return bool(self.missing)


def make_hits(
    ranked: Iterable[Ranked], rows: Mapping[str, Row], live: Mapping[str, LiveDocument]
) -> list[Hit]:
    """The hits of ranked items, by their rows in the index and their live documents."""
    return [_make_hit(one, rows[one.key], live) for one in ranked]


def _make_hit(ranked: Ranked, row: Row, live: Mapping[str, LiveDocument]) -> Hit:
    document = live[row.item.document_id]
    return Hit(
        id=ranked.key,
        document_id=row.item.document_id,
        document_name=document.name,
        external_id=document.external_id,
        content_hash=document.content_hash,
        modality=row.item.modality,
        score=ranked.score,
        parts=ranked.parts,
        text=row.item.text,
        place=row.item.place,
        position=row.item.position,
        media_type=row.media_type,
        metadata=row.metadata,
    )
