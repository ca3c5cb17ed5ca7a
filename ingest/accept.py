"""Accepting uploads: every original is stored and every record written before anybody is told 'accepted'."""

import hashlib
import io
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.detect import HEAD_BYTES, detect, detect_text
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge, Unavailable
from samespace.core.faults import reach
from samespace.core.names import check_external_id, document_name
from samespace.core.settings import Settings
from samespace.store.blobs import Blobs, original
from samespace.store.facets import check_metadata
from samespace.store.records import Collection, Document, Records
from samespace.store.records.documents import Offer, Outcome

_CHUNK = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or text as it came in; the stream can be read twice. `is_text` where nobody made it a file."""

    name: str
    stream: BinaryIO
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """An upload that was accepted, and what that came to."""

    document: Document
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """An upload that was not accepted, and why; the others of its request are not touched by it."""

    name: str
    error: SamespaceError


def accept_documents(
    uploads: Iterable[Upload | Refusal],
    *,
    collection: Collection,
    job_id: str,
    records: Records,
    blobs: Blobs,
    settings: Settings,
) -> list[Receipt | Refusal]:
    """Store and record each upload, in order.

    Each is taken when the one before it is done with; a Refusal stands for one that never came in. Once a store
    does not answer or is full, those that are left are refused for the same reason, untried: each would wait as
    long as the first.
    """
    outcomes: list[Receipt | Refusal] = []
    fault: Unavailable | None = None
    for upload in uploads:
        if isinstance(upload, Refusal):
            outcomes.append(upload)
            continue
        if fault is not None:
            outcomes.append(Refusal(upload.name, fault))
            continue
        outcome = _accept_or_refuse(
            upload,
            collection=collection,
            job_id=job_id,
            records=records,
            blobs=blobs,
            settings=settings,
        )
        if isinstance(outcome, Refusal) and isinstance(outcome.error, Unavailable):
            fault = outcome.error
        outcomes.append(outcome)
    return outcomes


def text_upload(
    text: str, name: str | None, external_id: str | None, metadata: Mapping[str, Any] | None
) -> Upload:
    """A text given inline, as an upload; it is named after itself where it has no name."""
    first_line = text.strip().partition("\n")[0]
    return Upload(
        name or external_id or first_line[:60] or "text",
        io.BytesIO(text.encode("utf-8", "surrogatepass")),
        external_id,
        metadata,
        is_text=True,
    )


def _accept_or_refuse(
    upload: Upload,
    *,
    collection: Collection,
    job_id: str,
    records: Records,
    blobs: Blobs,
    settings: Settings,
) -> Receipt | Refusal:
    try:
        offer = _offer(upload, collection, job_id, settings)
        records.documents.check_room(offer)
        blobs.put(original(offer.content_hash), _rewound(upload.stream))
        reach("accept.stored")
        document, outcome = records.documents.accept(offer)
        # Between our `put` and our record, the last other holder of these bytes may have been deleted.
        blobs.put(original(offer.content_hash), _rewound(upload.stream))
        reach("accept.recorded")
    except SamespaceError as error:
        return Refusal(upload.name, error)
    except Exception as error:  # a fault of ours with one of them is none of the others
        return unexpected(upload.name, error)
    return Receipt(document, outcome)


def unexpected(name: str, error: Exception) -> Refusal:
    """What is said where nobody thought of what went wrong; the log has the rest."""
    log.error("a document was not accepted: unexpected %s", type(error).__name__, exc_info=error)
    why = f"unexpected {type(error).__name__}; the log of the server has the rest"
    return Refusal(name, SamespaceError(why))


def _offer(upload: Upload, collection: Collection, job_id: str, settings: Settings) -> Offer:
    name = document_name(upload.name)
    check_external_id(upload.external_id or "")
    metadata = _checked_metadata(upload.metadata, upload.name, settings.max_metadata_bytes)
    size, content_hash, head = _measure(upload, settings.max_file_bytes)
    found = detect_text(head, upload.name) if upload.is_text else detect(head, upload.name)
    return Offer(
        id=secrets.token_hex(16),
        collection_id=collection.id,
        external_id=upload.external_id,
        name=name,
        media_type=found.media_type,
        size=size,
        content_hash=content_hash,
        metadata=metadata,
        warnings=found.warnings,
        job_id=job_id,
    )


def _checked_metadata(metadata: object, name: str, limit: int) -> Mapping[str, Any]:
    """The metadata, if it is an object that the index can keep and not too large; InvalidRequest, TooLarge."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise InvalidRequest(
            f"the metadata of {name!r} is {type(metadata).__name__}, it has to be an object"
        )
    # First the size, which is told quickly: what is too large is not looked at value by value.
    size = _json_size(metadata)
    if size is not None and size > limit:
        raise TooLarge(f"the metadata of {name!r} has {size} bytes, the limit is {limit}")
    check_metadata(metadata)
    return metadata


def _json_size(metadata: Mapping[str, Any]) -> int | None:
    """Bytes as JSON; None for what is none, which `check_metadata` has words for."""
    try:
        return len(json.dumps(metadata, ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError):
        return None


def _measure(upload: Upload, limit: int) -> tuple[int, str, bytes]:
    """(size, SHA-256, first bytes), read in pieces; TooLarge."""
    digest, size = hashlib.sha256(), 0
    stream = _rewound(upload.stream)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    while piece := stream.read(_CHUNK):
        digest.update(piece)
        size += len(piece)
        if size > limit:
            raise TooLarge(f"{upload.name!r} has more than {limit} bytes, the largest file taken")
    return size, digest.hexdigest(), head


def _rewound(stream: BinaryIO) -> BinaryIO:
    stream.seek(0)
    return stream
