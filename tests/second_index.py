"""A second index beside the live one of a collection, built by hand: what the job that builds one comes to."""

import hashlib
from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from samespace.core.content import Content, of_texts
from samespace.core.types import TEXT, Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, IndexRecord, Role
from samespace.store.records.models import model_of
from tests.fuzz.light import LightEncoder, LightEncoders

OTHER = "another"


@dataclass(frozen=True)
class BagOfWords(LightEncoder):
    """Sums a vector for each word, drawn by the model and the word; a picture is one word."""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.space.model.encode()).hexdigest()

    def encode(self, contents: Sequence[Content]) -> Vectors:
        return self._summed(
            [
                each.text.lower().replace(".", "").split()
                if each.decoded is None
                else [hashlib.sha256(each.decoded.tobytes()).hexdigest()]
                for each in contents
            ]
        )

    def _summed(self, bags: Sequence[Sequence[str]]) -> Vectors:
        rows = [
            self._drawn([f"{self.space.model} {w}".encode() for w in bag]).sum(0) for bag in bags
        ]
        return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


class BagsOfWords(LightEncoders):
    """One for every space."""

    def load(self, space: Space) -> BatchedEncoder:
        return BatchedEncoder(BagOfWords(space), 32)


def build_second(
    name: str,
    services: Services,
    *,
    space: Space | None = None,
    role: Role = Role.BUILDING,
    without: Some[str] = (),
    same_vectors: bool = False,
    noise: float = 0.0,
) -> IndexRecord:
    """An index of another model (of `space`, else of one like the live one under another source) of every document but
    those named by id: its passages are encoded, pictures keep their vectors, or all of them with `same_vectors`, turned
    a little by `noise`, always the same way."""
    records, index = services.records, services.index
    found = records.collections.find(name)
    (live,) = found.spaces
    wanted = space or replace(live.space, model=live.space.model if same_vectors else OTHER)
    encoder = services.encoders.get(wanted)
    id = records.indexes.add(found.id, model=model_of(wanted, encoder.fingerprint), role=role)
    second = _of(id, records.collections.get(found.id))
    kind = kind_of(second, records, index)
    kind.create(second)
    for rows, vectors in index.scan(live.index_name):
        mine = [
            i
            for i, row in enumerate(rows)
            if row.item.document_id not in without and row.item.modality in second.modalities
        ]
        made = [
            encoder.encode(of_texts([encoder.space.passage_prompt + rows[i].item.text]))[0]
            if rows[i].item.modality == TEXT and not same_vectors
            else vectors[i]
            for i in mine
        ]
        if mine:
            kind.write(second, [rows[i] for i in mine], _turned(np.stack(made), noise))
        noted = {row.item.document_id: row.generation for row in rows}
        there = {id: generation for id, generation in noted.items() if id not in without}
        if there:
            records.indexes.note(id, second.modalities, there)
    return second


def _turned(vectors: Vectors, noise: float) -> Vectors:
    turned = vectors + noise * np.random.default_rng(0).normal(size=vectors.shape)
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    return np.asarray(turned / lengths, dtype=np.float32)


def _of(id: str, collection: Collection) -> IndexRecord:
    return next(one for one in collection.indexes if one.id == id)
