"""Every verb of the API as a pure function from its arguments to a request; the clients only send them."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from types import EllipsisType
from typing import IO, Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from samespace.client.answers import pick, read_bytes, read_json, read_map, read_nothing
from samespace.client.views import (
    AddedModel,
    Answer,
    AuditPage,
    Classified,
    Collection,
    CollectionModel,
    Compare,
    Document,
    Documents,
    ItemInfo,
    Job,
    KeptQuery,
    Key,
    LabelSet,
    MapItem,
    Model,
    QueryLog,
    ShownKey,
    Status,
)
from samespace.client.wire import Filter, Map, Part
from samespace.core.errors import InvalidRequest

T_co = TypeVar("T_co", covariant=True)
Files = Sequence[tuple[str, tuple[str, IO[bytes] | bytes]]]
Label = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request(Generic[T_co]):
    """A request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[httpx.Response], T_co]
    params: Mapping[str, str | int] | None = None
    json: Any = None
    data: Mapping[str, str] | None = None
    files: Files | None = None


def collections() -> Request[list[Collection]]:
    """All collections, by name."""
    return Request("GET", "/v1/collections", pick("collections"))


def collection(name: str) -> Request[Collection]:
    """One collection; NotFound."""
    return Request("GET", _collection(name), read_json)


def create_collection(name: str, preset: str | None = None) -> Request[Collection]:
    """A new collection, embedded in the spaces of a preset (the server's default without one); Conflict."""
    body = _present(name=name, preset=preset)
    return Request("POST", "/v1/collections", read_json, json=body)


def set_quota(
    name: str,
    *,
    max_documents: int | EllipsisType | None = ...,
    max_bytes: int | EllipsisType | None = ...,
) -> Request[Collection]:
    """Limit what a collection may hold, None for no limit; what is not given stays. NotFound."""
    given = {"max_documents": max_documents, "max_bytes": max_bytes}
    body = {name: value for name, value in given.items() if value is not ...}
    return Request("PATCH", _collection(name), read_json, json=body)


def delete_collection(name: str) -> Request[None]:
    """Delete a collection with everything in it; NotFound."""
    return Request("DELETE", _collection(name), read_nothing)


def collection_model(name: str) -> Request[CollectionModel]:
    """The model of a collection, and how far a change of it is; NotFound."""
    return Request("GET", _model_of(name), read_json)


def try_model(name: str, model: str, *, space: str | None = None) -> Request[str]:
    """Begin to find out what another model would cost; answers the job's id, whose result says it."""
    body = _present(model=model, space=space)
    return Request("POST", f"{_model_of(name)}/trial", pick("job_id"), json=body)


def change_model(
    name: str,
    model: str,
    *,
    space: str | None = None,
    swap: bool = False,
    keep_days: float | None = None,
) -> Request[CollectionModel]:
    """Begin to build indexes of another model (of one space alone, where one is named) beside those that searches ask.

    With `swap` searches ask them as soon as nothing is lacking. Conflict while another change is there.
    """
    body = _present(model=model, space=space, swap=swap, keep_days=keep_days)
    return Request("POST", _model_of(name), read_json, json=body)


def swap_model(
    name: str, *, force: bool = False, keep_days: float | None = None
) -> Request[CollectionModel]:
    """Let searches ask the new model, at once or as soon as nothing is lacking; Conflict where documents are that it
    cannot take, unless forced. `keep_days`: how long one can go back."""
    body = _present(force=force, keep_days=keep_days)
    return Request("POST", f"{_model_of(name)}/swap", read_json, json=body)


def go_back(
    name: str, *, force: bool = False, keep_days: float | None = None
) -> Request[CollectionModel]:
    """Let searches ask again what they asked before the swap; as `swap_model`."""
    body = _present(force=force, keep_days=keep_days)
    return Request("POST", f"{_model_of(name)}/back", read_json, json=body)


def give_up_model(name: str) -> Request[CollectionModel]:
    """Give up what is built, or what was kept for going back; NotFound where there is neither."""
    return Request("DELETE", _model_of(name), read_json)


def documents(
    collection: str,
    *,
    state: str | None = None,
    external_prefix: str | None = None,
    name: str | None = None,
    newest: bool | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Request[Documents]:
    """A page of a collection's documents; `next` of the answer goes into `after` of the following page.

    They are ordered by id; `newest` asks for the newest first, `name` for those of them whose name holds it.
    """
    asked = _present(
        state=state,
        external_prefix=external_prefix,
        name=name,
        newest=newest,
        after=after,
        limit=limit,
    )
    return Request("GET", f"{_collection(collection)}/documents", read_json, params=asked)


def document(collection: str, id: str) -> Request[Document]:
    """One document and how far it has got; NotFound."""
    return Request("GET", _document(collection, id), read_json)


def items(collection: str, id: str) -> Request[list[ItemInfo]]:
    """The items of a document."""
    return Request("GET", f"{_document(collection, id)}/items", pick("items"))


def content(collection: str, id: str) -> Request[bytes]:
    """The original bytes of a document."""
    return Request("GET", f"{_document(collection, id)}/content", read_bytes)


def delete(
    collection: str,
    *,
    ids: Iterable[str] | None = None,
    external_ids: Iterable[str] | None = None,
    external_prefix: str | None = None,
    keep: Iterable[str] | None = None,
) -> Request[list[str]]:
    """Delete documents; answers the ids of those that were there.

    `external_prefix` with `keep` deletes those whose external id begins so and is not among those kept.
    """
    body = _present(
        ids=_listed(ids),
        external_ids=_listed(external_ids),
        external_prefix=external_prefix,
        keep=_listed(keep),
    )
    return Request(
        "POST", f"{_collection(collection)}/documents/delete", pick("deleted"), json=body
    )


def retry(
    collection: str, ids: Iterable[str], *, encoding: str | None = None
) -> Request[list[str]]:
    """Try failed or cancelled documents again; answers the ids of those that are.

    With `encoding` texts are read again in that encoding, those too that are ready.
    """
    path = f"{_collection(collection)}/documents/retry"
    body = _present(ids=list(ids), encoding=encoding)
    return Request("POST", path, pick("retried"), json=body)


def cancel(collection: str, ids: Iterable[str]) -> Request[list[str]]:
    """Call off documents that wait or are being worked on; answers the ids of those that were."""
    path = f"{_collection(collection)}/documents/cancel"
    return Request("POST", path, pick("cancelled"), json={"ids": list(ids)})


def pause(collection: str) -> Request[bool]:
    """Let documents wait, those added from now on too; False if they did already."""
    return Request("POST", f"{_collection(collection)}/pause", pick("changed"))


def resume(collection: str) -> Request[bool]:
    """Go on with the documents that wait; False if the collection was not paused."""
    return Request("POST", f"{_collection(collection)}/resume", pick("changed"))


def search(
    collection: str,
    query: str | None = None,
    *,
    parts: Sequence[Part] | None = None,
    targets: Sequence[str] | None = None,
    filter: Filter | None = None,
    limit: int = 10,
    offset: int = 0,
    cursor: str | None = None,
    indexes: str | None = None,
) -> Request[Answer]:
    """Search by words (`query`) or by weighted parts: texts, pictures, stored items; best hits first.

    `targets` are the wanted modalities ("text", "image"); `cursor` of an answer gives the following page. With
    `indexes` "building", or "retired", those are asked in the place of the live ones: Forbidden for readers,
    Conflict where there are none.
    """
    pictures = [part["image"] for part in parts or () if "image" in part]
    body = _present(
        query=query,
        parts=None if parts is None else _with_files(parts),
        targets=_listed(targets),
        filter=filter,
        limit=limit,
        offset=offset,
        cursor=cursor,
        indexes=indexes,
    )
    path = f"{_collection(collection)}/search"
    if not pictures:
        return Request("POST", path, read_json, json=body)
    files = [("image", (f"image-{place}", picture)) for place, picture in enumerate(pictures)]
    return Request("POST", path, read_json, data={"request": json.dumps(body)}, files=files)


def similar(
    collection: str,
    item: str,
    *,
    targets: Sequence[str] | None = None,
    filter: Filter | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Request[Answer]:
    """What is like a stored item, without the item itself."""
    asked = _present(targets=_listed(targets), filter=filter)
    body = {"item": item, "limit": limit, "offset": offset, **asked}
    return Request("POST", f"{_collection(collection)}/similar", read_json, json=body)


def classify(
    collection: str,
    labels: Sequence[Label],
    *,
    text: str | None = None,
    image: bytes | None = None,
    items: Sequence[str] | None = None,
    documents: Sequence[str] | None = None,
    templates: Sequence[str] | None = None,
    threshold: float | None = None,
) -> Request[list[Classified]]:
    """Zero-shot classes of one of: a text, a picture's bytes, stored items, documents."""
    body = _present(
        labels=list(labels),
        text=text,
        image=None if image is None else _base64(image),
        items=_listed(items),
        documents=_listed(documents),
        templates=_listed(templates),
        threshold=threshold,
    )
    return Request("POST", f"{_collection(collection)}/classify", pick("results"), json=body)


def classify_collection(
    collection: str,
    labels: Sequence[Label],
    *,
    targets: Sequence[str] | None = None,
    best: int | None = None,
    templates: Sequence[str] | None = None,
    threshold: float | None = None,
) -> Request[str]:
    """Begin to classify a whole collection; answers the job's id, whose result counts each label."""
    body = _present(
        labels=list(labels),
        targets=_listed(targets),
        best=best,
        templates=_listed(templates),
        threshold=threshold,
    )
    return Request("POST", f"{_collection(collection)}/classify/jobs", pick("job_id"), json=body)


def label_sets(collection: str) -> Request[list[LabelSet]]:
    """The label sets that were kept for a collection, by name."""
    return Request("GET", f"{_collection(collection)}/labelsets", pick("labelsets"))


def save_label_set(
    collection: str,
    name: str,
    labels: Sequence[Label],
    *,
    templates: Sequence[str] | None = None,
    threshold: float | None = None,
) -> Request[None]:
    """Keep labels under a name; those of that name are replaced."""
    body = _present(labels=list(labels), templates=_listed(templates), threshold=threshold)
    return Request("PUT", _label_set(collection, name), read_nothing, json=body)


def delete_label_set(collection: str, name: str) -> Request[None]:
    """Forget a label set; NotFound."""
    return Request("DELETE", _label_set(collection, name), read_nothing)


def kept_queries(collection: str) -> Request[list[KeptQuery]]:
    """The queries that are kept for a collection, to compare indexes by, and the documents marked as answers."""
    return Request("GET", f"{_collection(collection)}/queries", pick("queries"))


def keep_query(
    collection: str,
    query: str | None = None,
    *,
    parts: Sequence[Part] | None = None,
    targets: Sequence[str] | None = None,
) -> Request[KeptQuery]:
    """Keep a query of words and stored items; one that says the same is that one."""
    body = _present(query=query, parts=_listed(parts), targets=_listed(targets))
    return Request("POST", f"{_collection(collection)}/queries", read_json, json=body)


def forget_query(collection: str, id: str) -> Request[None]:
    """Forget a kept query and what was said of its answers; NotFound."""
    return Request("DELETE", _kept_query(collection, id), read_nothing)


def mark_answer(
    collection: str, query_id: str, document: str, *, good: bool | None
) -> Request[None]:
    """Mark a document as a good or a bad answer to a kept query, or (None) as neither."""
    path = f"{_kept_query(collection, query_id)}/documents/{_segment(document, 'document')}"
    return Request("PUT", path, read_nothing, json={"good": good})


def query_log(collection: str) -> Request[QueryLog]:
    """What was asked of a collection lately, where the server keeps that."""
    return Request("GET", f"{_collection(collection)}/query-log", read_json)


def forget_query_log(collection: str) -> Request[int]:
    """Forget what was asked of a collection; answers how many queries that was."""
    return Request("DELETE", f"{_collection(collection)}/query-log", pick("forgotten"))


def comparison(collection: str) -> Request[Compare]:
    """The two sets of indexes of a collection, their last comparison, and what people marked; Conflict where there is
    one set alone."""
    return Request("GET", f"{_collection(collection)}/compare", read_json)


def start_comparison(
    collection: str,
    *,
    judged: Sequence[Mapping[str, Any]] | None = None,
    sample: int | None = None,
    log: bool | None = None,
    partial: bool | None = None,
    seed: int | None = None,
) -> Request[str]:
    """Begin to compare the live indexes of a collection with those beside them; answers the job's id.

    `judged` are queries with `parts`, `right` (ids of documents) and perhaps `targets`; `sample` passages and pictures
    are asked for their like, with `log` the newest queries of the query log too. `partial`: although the other indexes
    lack documents.
    """
    body = _present(judged=_listed(judged), sample=sample, log=log, partial=partial, seed=seed)
    return Request("POST", f"{_collection(collection)}/compare/jobs", pick("job_id"), json=body)


def mark_better(
    collection: str,
    better: str,
    query: str | None = None,
    *,
    parts: Sequence[Part] | None = None,
    targets: Sequence[str] | None = None,
    blind: bool = False,
) -> Request[KeptQuery]:
    """Say which indexes answer a query better: "live", "other" or "same"; `blind`: without knowing which was which."""
    asked = _present(query=query, parts=_listed(parts), targets=_listed(targets))
    body = {"better": better, "blind": blind, **asked}
    return Request("POST", f"{_collection(collection)}/compare/marks", read_json, json=body)


def forget_marks(collection: str) -> Request[None]:
    """Forget which of its two sets of indexes was said to be better."""
    return Request("DELETE", f"{_collection(collection)}/compare/marks", read_nothing)


def start_map(collection: str) -> Request[str]:
    """Begin to lay out a collection as a map, unless that is under way; answers the job's id."""
    return Request("POST", f"{_collection(collection)}/map/jobs", pick("job_id"))


def kept_map(collection: str) -> Request[Map]:
    """The map of a collection as it was last made; NotFound if it never was."""
    return Request("GET", f"{_collection(collection)}/map", read_map)


def get_items(collection: str, ids: Iterable[str]) -> Request[list[MapItem]]:
    """What stands behind these items, at most 200; those that are not there (any more) are left out."""
    body = {"ids": list(ids)}
    return Request("POST", f"{_collection(collection)}/items/get", pick("items"), json=body)


def embed(
    texts: Sequence[str] = (), *, images: Sequence[bytes] = (), model: str | None = None
) -> Request[list[list[float]]]:
    """Unit vectors of texts, then of pictures, in the order given; `model` is a preset or a space."""
    body = _present(model=model, input=list(texts), images=[_base64(each) for each in images])
    return Request("POST", "/v1/embeddings", _read_vectors, json=body)


def job(id: str) -> Request[Job]:
    """One job and how far it has got; NotFound."""
    return Request("GET", f"/v1/jobs/{_segment(id, 'job')}", read_json)


def jobs(collection: str | None = None) -> Request[list[Job]]:
    """The jobs of one collection or of all."""
    return Request("GET", "/v1/jobs", pick("jobs"), params=_present(collection=collection))


def start_job(collection: str, kind: str, params: Mapping[str, Any] | None = None) -> Request[str]:
    """Begin a job of a kind; answers its id."""
    body = {"kind": kind, "params": dict(params or {})}
    return Request("POST", f"{_collection(collection)}/jobs", pick("job_id"), json=body)


def cancel_job(id: str) -> Request[list[str]]:
    """Call off what is left of a job; answers the ids of its documents that were (of itself, if it has none)."""
    return Request("POST", f"/v1/jobs/{_segment(id, 'job')}/cancel", pick("cancelled"))


def retry_job(id: str) -> Request[list[str]]:
    """Try again what failed or was cancelled of a job; answers ids as `cancel_job` does."""
    return Request("POST", f"/v1/jobs/{_segment(id, 'job')}/retry", pick("retried"))


def job_events(id: str) -> Request[None]:
    """The stream of a job's progress; `events` of the clients reads it."""
    return Request("GET", f"/v1/jobs/{_segment(id, 'job')}/events", read_nothing)


def keys() -> Request[list[Key]]:
    """All keys, without their secrets."""
    return Request("GET", "/v1/keys", pick("keys"))


def key(id: str) -> Request[Key]:
    """One key; NotFound."""
    return Request("GET", _key(id), read_json)


def create_key(
    name: str,
    scopes: Sequence[str] | None = None,
    *,
    collections: Sequence[str] | None = None,
    rate: int | None = None,
    expires_in: float | None = None,
) -> Request[ShownKey]:
    """A new key, its full text in `key` this once; `rate` counts requests a minute, `expires_in` seconds.

    Scopes are read, write (the default) and admin, each with those before it. Forbidden for more rights than
    one's own.
    """
    body = _present(
        name=name,
        scopes=_listed(scopes),
        collections=_listed(collections),
        rate=rate,
        expires_in=expires_in,
    )
    return Request("POST", "/v1/keys", read_json, json=body)


def rotate_key(id: str, grace: float = 0.0) -> Request[ShownKey]:
    """A new secret for a key, its full text in `key`; the one before goes on for `grace` seconds."""
    return Request("POST", f"{_key(id)}/rotate", read_json, json={"grace": grace})


def revoke_key(id: str) -> Request[None]:
    """Refuse a key from now on; NotFound."""
    return Request("DELETE", _key(id), read_nothing)


def audit(
    *, after: int | None = None, since: datetime | None = None, limit: int | None = None
) -> Request[AuditPage]:
    """Who changed what, oldest first; `next` of the answer goes into `after` of the following page."""
    moment = None if since is None else since.astimezone(UTC).isoformat()
    asked = _present(after=after, since=moment, limit=limit)
    return Request("GET", "/v1/audit", read_json, params=asked)


def status() -> Request[Status]:
    """How the server is."""
    return Request("GET", "/v1/status", read_json)


def models() -> Request[list[Model]]:
    """All models, by name: the presets the server knows, and those that were added."""
    return Request("GET", "/v1/models", pick("models"))


def model(name: str) -> Request[Model]:
    """One model; NotFound."""
    return Request("GET", _model(name), read_json)


def add_model(
    source: str, name: str | None = None, *, licence: str | None = None
) -> Request[AddedModel]:
    """Add a model: a folder on the machine of the server, by its whole path, or the name of one on a hub.

    It is loaded and tried before it is answered. InvalidRequest with the reason for one that is refused, Conflict.
    """
    body = _present(source=source, name=name, licence=licence)
    return Request("POST", "/v1/models", read_json, json=body)


def remove_model(name: str) -> Request[None]:
    """Remove a model that no collection uses; NotFound, Conflict."""
    return Request("DELETE", _model(name), read_nothing)


def documents_path(collection: str) -> str:
    """Where documents are sent to."""
    return f"{_collection(collection)}/documents"


def _collection(name: str) -> str:
    return f"/v1/collections/{_segment(name, 'collection')}"


def _model_of(collection: str) -> str:
    return f"{_collection(collection)}/model"


def _model(name: str) -> str:
    return f"/v1/models/{_segment(name, 'model')}"


def _key(id: str) -> str:
    return f"/v1/keys/{_segment(id, 'key')}"


def _document(collection: str, id: str) -> str:
    return f"{_collection(collection)}/documents/{_segment(id, 'document')}"


def _kept_query(collection: str, id: str) -> str:
    return f"{_collection(collection)}/queries/{_segment(id, 'kept query')}"


def _label_set(collection: str, name: str) -> str:
    return f"{_collection(collection)}/labelsets/{_segment(name, 'label set')}"


def _segment(name: str, what: str) -> str:
    """The name as a part of a path; InvalidRequest for one that would lead elsewhere."""
    if name in {"", ".", ".."} or "/" in name:
        raise InvalidRequest(f"{name!r} cannot be the name or id of a {what}")
    return quote(name, safe="")


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _listed(values: Iterable[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _with_files(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The parts, each picture named by its place among the files of the form."""
    numbers = count()
    return [
        {name: value for name, value in part.items() if name != "image"}
        | ({"image_file": next(numbers)} if "image" in part else {})
        for part in parts
    ]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _read_vectors(response: httpx.Response) -> list[list[float]]:
    rows = sorted(read_json(response)["data"], key=lambda row: row["index"])
    return [row["embedding"] for row in rows]
