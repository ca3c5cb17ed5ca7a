"""What the index of a collection finds of exact search; it runs where records and index can be reached.

The API gives no stored vectors away, so this asks the stores themselves, through the wiring.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from samespace.cli.commands.evaluate_encoder import opener
from samespace.cli.terminal.progress import reporting_progress
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Modality, Vectors
from samespace.encoders.opening import open_encoder
from samespace.learn.evaluate.bootstrap import interval
from samespace.learn.evaluate.encode import encode_pictures, encode_texts
from samespace.learn.evaluate.neighbours import share_found
from samespace.learn.evaluate.queries import JudgedQuery
from samespace.learn.evaluate.report import Found
from samespace.learn.progress import ProgressCallback, counting
from samespace.operations.stack.folder import index_address
from samespace.services import Services
from samespace.store.records import IndexRecord
from samespace.wiring import open_services

MOST_QUERIES = 1000

T = TypeVar("T")


def judge_index(
    name: str, queries: Sequence[JudgedQuery], settings: Settings, seed: int
) -> list[Found]:
    """For words and for pictures of the queries the share of true neighbours found, in each space."""
    address = index_address(settings, of_url=settings.url)
    if address is None:
        reason = (
            f"no index is known on this machine for {settings.url}: say --data DIR where "
            "`samespace up` runs, or set SAMESPACE_MILVUS_URI and SAMESPACE_DATABASE_URL"
        )
        return [Found("", "", 0, 0, None, reason)]
    stores = open_services(settings.model_copy(update={"milvus_uri": address}))
    parts = [part for query in queries for part in query.parts]
    texts = some_of([part.text for part in parts if part.text], seed)
    pictures = some_of([part.picture for part in parts if part.picture], seed)
    try:
        collection = stores.records.collections.find(name)
        with reporting_progress() as report:
            return [
                found
                for space in collection.spaces
                for found in judge_space(
                    space, stores, texts=texts, pictures=pictures, report=report, seed=seed
                )
            ]
    finally:
        stores.close()


def some_of(values: Sequence[T], seed: int) -> list[T]:
    """The values, each once; of more than MOST_QUERIES so many, drawn by seed."""
    distinct = list(dict.fromkeys(values))
    chosen = np.random.default_rng(seed).permutation(len(distinct))[:MOST_QUERIES]
    return [distinct[i] for i in sorted(chosen)]


def judge_space(
    space: IndexRecord,
    stores: Services,
    *,
    texts: Sequence[str],
    pictures: Sequence[Path],
    report: ProgressCallback,
    seed: int,
) -> Iterator[Found]:
    """Each kind of query against each kind of item that the space has."""
    encoder = open_encoder(space.space, space.fingerprint, stores.encoders)
    rows: dict[Modality, Vectors] = {}
    if texts and TEXT in space.modalities:
        told = counting(report, "encoding words", len(texts))
        rows[TEXT] = encode_texts(texts, encoder, encoder.space.query_prompt, told)
    if pictures and IMAGE in space.modalities:
        told = counting(report, "encoding pictures", len(pictures))
        open_picture = opener(stores.settings.max_pixels)
        rows[IMAGE] = encode_pictures(pictures, encoder, open_picture, told)
    for asked, queries in rows.items():
        for modality in space.modalities:
            items = stores.index.count(space.index_name, modality=modality)
            if not items:
                continue
            told = counting(report, "searching exactly", items)
            shares = share_found(stores.index, space.index_name, modality, queries, told)
            direction, found = f"{asked}->{modality}", interval(shares, seed)
            yield Found(space.name, direction, len(queries), items, found)
