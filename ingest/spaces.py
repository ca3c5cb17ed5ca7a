"""The spaces of a collection with their encoders at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.split import Splitter
from samespace.core.types import TEXT, Modality
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.opening import open_encoder
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, IndexRecord

_OVERLAP = 8  # a passage repeats the last eighth of the one before


@dataclass(frozen=True, slots=True)
class CollectionSpace:
    """A live index of a collection with the modalities it takes and its encoder; one that holds no vectors has none."""

    index: IndexRecord
    modalities: Sequence[Modality]
    encoder: BatchedEncoder | None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.index.name


def open_spaces(collection: Collection, services: Services) -> list[CollectionSpace]:
    """The live indexes of a collection, encoders loaded; FingerprintMismatch where one is not what it was."""
    return [
        CollectionSpace(
            record,
            kind_of(record, services.records, services.index).takes(record),
            open_encoder(record.space, record.fingerprint, services.encoders)
            if record.model
            else None,
        )
        for record in collection.live
    ]


def splitter_for(spaces: Sequence[CollectionSpace]) -> Splitter:
    """Cuts text to what the first space that takes texts can take whole."""
    encoder = next(space.encoder for space in spaces if space.encoder and TEXT in space.modalities)
    with_prompt, without = encoder.count_tokens([encoder.space.passage_prompt, ""])
    return _splitter(encoder.tokenizer_json(), encoder.space.max_tokens - (with_prompt - without))


@lru_cache(maxsize=8)
def _splitter(tokenizer_json: str, max_tokens: int) -> Splitter:
    return Splitter(tokenizer_json, max_tokens, max_tokens // _OVERLAP)
