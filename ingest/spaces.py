"""The spaces of a collection with their encoders at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.split import Splitter
from samespace.core.types import Modality
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.load import Encoders
from samespace.encoders.opening import open_encoder
from samespace.store.records import Collection

_OVERLAP = 8  # a passage repeats the last eighth of the one before


@dataclass(frozen=True, slots=True)
class CollectionSpace:
    """A space, its index in this collection by id and name, and its encoder."""

    name: str
    index_id: str
    index_name: str
    modalities: tuple[Modality, ...]
    encoder: BatchedEncoder


def open_spaces(collection: Collection, encoders: Encoders) -> list[CollectionSpace]:
    """The spaces of a collection, encoders loaded; FingerprintMismatch where one is not what it was."""
    return [
        CollectionSpace(
            name=record.name,
            index_id=record.id,
            index_name=record.index_name,
            modalities=record.modalities,
            encoder=open_encoder(record.space, record.fingerprint, encoders),
        )
        for record in collection.spaces
    ]


def splitter_for(spaces: Sequence[CollectionSpace]) -> Splitter:
    """Cuts text to what the first space that takes texts can take whole."""
    encoder = next(space.encoder for space in spaces if Modality.TEXT in space.modalities)
    with_prompt, without = encoder.count_tokens([encoder.space.passage_prompt, ""])
    return _splitter(encoder.tokenizer_json(), encoder.space.max_tokens - (with_prompt - without))


@lru_cache(maxsize=8)
def _splitter(tokenizer_json: str, max_tokens: int) -> Splitter:
    return Splitter(tokenizer_json, max_tokens, max_tokens // _OVERLAP)
