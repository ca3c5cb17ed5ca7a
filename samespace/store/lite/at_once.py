"""Answers a question in one call, beside Milvus's own protocol; what the live table cannot answer is left to that."""

import logging
from typing import Any

import grpc
from milvus_lite.exceptions import MilvusLiteError

from samespace.store.lite import reads
from samespace.store.lite.chosen import Chosen
from samespace.store.lite.keeping import live_state_of
from samespace.store.lite.requests import mask_of
from samespace.store.lite.scores import Floats
from samespace.store.lite.wire import (
    METHOD,
    SERVICE,
    Entity,
    Listed,
    Question,
    pack_answer,
    unpack_question,
)

logger = logging.getLogger(__name__)
_UNANSWERED = b""
"""Who asked asks again in Milvus's protocol, which has the words for what is wrong."""


def offer(server: Any, database: Any) -> None:
    """Let a server of Milvus Lite answer such calls, too."""

    def answer(content: bytes, _: Any) -> bytes:
        try:
            return nearest(database, unpack_question(content))
        except MilvusLiteError:
            return _UNANSWERED
        except Exception:
            logger.exception("a question is left to Milvus's protocol")
            return _UNANSWERED

    methods = {METHOD: grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))


def nearest(database: Any, question: Question) -> bytes:
    """The packed answer; empty where the plain engine has to give it."""
    collection = database.get_collection(question.collection)
    kept = live_state_of(collection)
    if kept is None or question.vector.shape != (kept.dim,):
        return _UNANSWERED
    moment = kept.table.moment
    lists = []
    for each in question.filters:
        mask = mask_of(collection, each, None)
        rows, scores = reads.nearest(moment, mask, question.vector, question.limit, kept.questions)
        lists.append(_listed(rows, scores, question))
    return pack_answer(lists)


def _listed(rows: Chosen, scores: Floats, question: Question) -> Listed:
    ranked = rows.columns(["document", "generation"])
    return Listed(
        rows.keys(),
        ranked["document"].to_pylist(),
        ranked["generation"].to_pylist(),
        scores,
        _whole(rows[: question.shown], question.columns),
    )


def _whole(rows: Chosen, names: Any) -> list[Entity]:
    columns = {name: column.to_pylist() for name, column in rows.columns(names).items()}
    return [dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)]
