"""The index in Milvus: the embedded Milvus Lite server or any Milvus from 2.3.5 on, by URI.

A collection is reached through an alias, `<name>`; the rows lie in `<name>_v1`, so that a rebuild can be
swapped in beside it. Search is exact, on a server through a FLAT index and on Milvus Lite, which needs none
for it, without (docs/decisions/0002-index-type-on-lite.md).
"""

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from samespace.core.batched import batched
from samespace.core.errors import Unavailable
from samespace.core.together import together
from samespace.core.types import Modality, Nearest, Row, Scored, Vectors
from samespace.store.expressions import compile_filter, literal, one_of
from samespace.store.filters import Filter
from samespace.store.lite.asking import AtOnce
from samespace.store.lite.wire import Listed, Question
from samespace.store.milvus_errors import ignoring_existing, translated
from samespace.store.milvus_schema import (
    COLUMNS,
    make_index_params,
    make_schema,
    size_of,
    to_entity,
    to_row,
)
from samespace.store.milvus_silence import Silence
from samespace.store.rows import SCHEMA_VERSION, check_vectors

RANKED = ["key", "document", "generation"]
"""The columns that a ranking needs; whole rows are fetched for what is shown."""
WINDOW = 16_384
MESSAGE_BYTES = 8 * 1024 * 1024
NAMED_AT_ONCE = 500
# pymilvus pings every 10 s; a gRPC server that was told nothing else calls that too often and hangs up.
PING_MS = 300_000
IN_ORDER = {"iterator": "True", "reduce_stop_for_best": "True"}
"""What pymilvus's own iterator sends, so that a page holds the smallest keys in order."""


class MilvusIndex:
    """`Index` over one Milvus server; threads may share it, and it outlives a restart of the server.

    `timeout` bounds a read and the wait for a server, `write_timeout` a write, in seconds; a server that let
    one call wait that long is pinged before the next (`Silence`). `ca_file` is the
    PEM file of the authority that signed the certificate of an `https://` server, where that is a private one.
    """

    def __init__(
        self,
        uri: str,
        token: str = "",
        *,
        timeout: float = 15.0,
        write_timeout: float = 120.0,
        ca_file: str | None = None,
        schema: int = SCHEMA_VERSION,
    ) -> None:
        self._uri = uri
        self._schema = schema
        self._token = token
        self._timeout = timeout
        self._write_timeout = write_timeout
        self._tls = {"server_pem_path": ca_file, "server_name": ""} if ca_file else {}
        self._address = _without_credentials(uri)
        self._lock = threading.Lock()
        self._connected: Any = None
        self._is_lite = False
        self._at_once: AtOnce | None = None
        self._silence = Silence(self._address, self._ping)

    def create(self, name: str, dim: int) -> None:
        """See Index; makes `<name>_v<version of the schema>` and the alias `name`."""
        with self._errors(name):
            client = self._client()
            if client.has_collection(name, timeout=self._timeout):
                return
            physical = self._physical(name)
            with ignoring_existing():
                client.create_collection(
                    physical,
                    schema=make_schema(dim),
                    index_params=None if self._is_lite else make_index_params(),
                    consistency_level="Strong",
                    timeout=self._write_timeout,
                )
            with ignoring_existing():
                client.create_alias(physical, name, timeout=self._timeout)

    def drop(self, name: str) -> None:
        """See Index; drops the alias and every `<name>_v<number>`, also after a drop that was cut short."""
        with self._errors(name):
            client = self._client()
            if client.has_collection(name, timeout=self._timeout):
                client.drop_alias(name, timeout=self._timeout)
            for physical in client.list_collections(timeout=self._timeout):
                if re.fullmatch(rf"{re.escape(name)}_v\d+", physical):
                    client.drop_collection(physical, timeout=self._write_timeout)

    def upsert(self, name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        """See Index; in messages of about 8 MB."""
        with self._errors(name):
            checked = check_vectors(rows, vectors, self._dim(name))
            latest = {
                row.item.key: to_entity(row, vector)
                for row, vector in zip(rows, checked, strict=True)
            }
            for message in _messages(latest.values()):
                self._client().upsert(name, message, timeout=self._write_timeout)

    def delete(
        self,
        name: str,
        document_ids: Sequence[str],
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> None:
        between = [] if above is None else [f"generation > {above}"]
        between += [] if below is None else [f"generation < {below}"]
        with self._errors(name):
            for some in batched(document_ids, NAMED_AT_ONCE):
                where = " and ".join([one_of("document", some), *between])
                self._client().delete(name, filter=where, timeout=self._write_timeout)

    def remove(self, name: str, keys: Sequence[str]) -> None:
        with self._errors(name):
            for some in batched(keys, NAMED_AT_ONCE):
                where = one_of("key", some)
                self._client().delete(name, filter=where, timeout=self._write_timeout)

    def search(
        self,
        name: str,
        vectors: Vectors,
        modality: Modality,
        limit: int,
        where: Filter | None = None,
    ) -> list[list[Scored]]:
        """See Index; `limit` up to 16,384."""
        if len(vectors) == 0:
            return []
        with self._errors(name):
            answers = self._client().search(
                name,
                np.asarray(vectors, dtype=np.float32),
                filter=_where(modality, where),
                limit=limit,
                output_fields=RANKED,
                search_params={"metric_type": "IP"},
                timeout=self._timeout,
            )
        return [_ranked(hits) for hits in answers]

    def nearest(
        self,
        name: str,
        vector: Vectors,
        modalities: Sequence[Modality],
        limit: int,
        *,
        where: Filter | None = None,
        shown: int = 0,
    ) -> list[Nearest]:
        """See Index; of the embedded server all of it in one call, of others a search for each, at the same time."""
        with self._errors(name):
            self._client()
            if self._at_once is not None:
                filters = [_where(modality, where) for modality in modalities]
                question = Question(name, filters, vector, limit, shown, COLUMNS)
                answer = self._at_once.ask(question, self._timeout)
                if answer is not None:
                    return [_nearest(each) for each in answer]
        search = partial(self.search, name, vector[None], limit=limit, where=where)
        found = together([partial(search, modality=modality) for modality in modalities])
        return [Nearest(each[0]) for each in found]

    def get(self, name: str, keys: Sequence[str]) -> tuple[list[Row], Vectors]:
        with self._errors(name):
            dim = self._dim(name)
            found = self._named(name, keys, [*COLUMNS, "vector"])
        return _rows_and_vectors(found, dim)

    def rows(self, name: str, keys: Sequence[str]) -> list[Row]:
        with self._errors(name):
            return [to_row(entity) for entity in self._named(name, keys, COLUMNS)]

    def scan(
        self,
        name: str,
        where: Filter | None = None,
        modality: Modality | None = None,
        batch: int = 1000,
    ) -> Iterator[tuple[list[Row], Vectors]]:
        """See Index; a page is one request, `batch` up to 16,384."""
        with self._errors(name):
            dim = self._dim(name)
        last = ""
        while True:
            wanted = _where(modality, where, f"key > {literal(last)}")
            with self._errors(name):
                page = self._page(name, wanted, [*COLUMNS, "vector"], batch)
            if not page:
                return
            yield _rows_and_vectors(page, dim)
            last = page[-1]["key"]

    def sample(self, name: str, modality: Modality, size: int) -> Vectors:
        """See Index; keys are hashes, so that the smallest keys are a random choice. `size` up to 16,384."""
        with self._errors(name):
            page = self._page(name, _where(modality, None), ["key", "vector"], size)
            return _stack(page, self._dim(name))

    def count(
        self, name: str, where: Filter | None = None, modality: Modality | None = None
    ) -> int:
        with self._errors(name):
            answer = self._query(name, _where(modality, where), ["count(*)"])
        return int(answer[0]["count(*)"])

    def exists(self, name: str) -> bool:
        with self._errors(name):
            return bool(self._client().has_collection(name, timeout=self._timeout))

    def is_current(self, name: str) -> bool:
        with self._errors(name):
            client = self._client()
            return all(
                client.has_collection(one, timeout=self._timeout)
                for one in (name, self._physical(name))
            )

    def dim(self, name: str) -> int:
        with self._errors(name):
            return self._dim(name)

    def ping(self) -> None:
        with self._errors(""):
            self._client().get_server_version(timeout=self._timeout)

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        with self._silence.watched(), translated(self._address, self._token, name):
            yield

    def _ping(self, seconds: float) -> None:
        with translated(self._address, self._token):
            self._client().get_server_version(timeout=seconds)

    def _client(self) -> Any:
        if not self._lock.acquire(timeout=self._timeout):
            raise Unavailable(f"index at {self._address}: others wait for a connection to it")
        try:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected
        finally:
            self._lock.release()

    def _connect(self) -> Any:
        from pymilvus import MilvusClient

        # It logs a traceback for each error it also raises.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        client = MilvusClient(
            uri=self._uri,
            token=self._token,
            timeout=self._timeout,
            dedicated=True,
            grpc_options={"grpc.keepalive_time_ms": PING_MS},
            **self._tls,
        )
        self._is_lite = client.get_server_version(timeout=self._timeout).startswith("milvus_lite")
        if self._is_lite and self._at_once is None:
            self._at_once = AtOnce(urlsplit(self._address).netloc)
        return client

    def _physical(self, name: str) -> str:
        return f"{name}_v{self._schema}"

    def _dim(self, name: str) -> int:
        fields = self._client().describe_collection(name, timeout=self._timeout)["fields"]
        return next(int(each["params"]["dim"]) for each in fields if each["name"] == "vector")

    def _named(self, name: str, keys: Sequence[str], columns: list[str]) -> list[dict[str, Any]]:
        found = {
            entity["key"]: entity
            for some in batched(keys, NAMED_AT_ONCE)
            for entity in self._query(name, one_of("key", some), columns)
        }
        return [found[key] for key in keys if key in found]

    def _page(self, name: str, where: str, columns: list[str], size: int) -> list[dict[str, Any]]:
        page = self._query(name, where, columns, limit=min(size, WINDOW), **IN_ORDER)
        return sorted(page, key=lambda entity: str(entity["key"]))

    def _query(
        self, name: str, where: str, columns: list[str], **more: Any
    ) -> list[dict[str, Any]]:
        answer = self._client().query(
            name, filter=where, output_fields=columns, timeout=self._timeout, **more
        )
        return list(answer)


def _where(modality: Modality | None, where: Filter | None, *more: str) -> str:
    parts = [f"modality == {literal(str(modality))}"] if modality else []
    parts += [compile_filter(where)] if where else []
    return " and ".join([*parts, *more])


def _ranked(hits: Any) -> list[Scored]:
    scored = [_scored(hit["entity"], float(hit["distance"])) for hit in hits]
    return sorted(scored, key=lambda each: (-each.score, each.key))


def _scored(entity: dict[str, Any], score: float) -> Scored:
    return Scored(entity["key"], entity["document"], entity["generation"], score)


def _nearest(listed: Listed) -> Nearest:
    columns = zip(
        listed.keys, listed.documents, listed.generations, listed.scores.tolist(), strict=True
    )
    return Nearest([Scored(*each) for each in columns], [to_row(each) for each in listed.rows])


def _rows_and_vectors(entities: Sequence[dict[str, Any]], dim: int) -> tuple[list[Row], Vectors]:
    return [to_row(entity) for entity in entities], _stack(entities, dim)


def _stack(entities: Sequence[dict[str, Any]], dim: int) -> Vectors:
    return np.array([entity["vector"] for entity in entities], np.float32).reshape(-1, dim)


def _messages(entities: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    message: list[dict[str, Any]] = []
    size = 0
    for entity in entities:
        if message and size + size_of(entity) > MESSAGE_BYTES:
            yield message
            message, size = [], 0
        message.append(entity)
        size += size_of(entity)
    if message:
        yield message


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
