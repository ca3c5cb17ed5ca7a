"""Accepting uploads: every original is stored and every record written before anybody is told 'accepted'."""

import hashlib
import io
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.detect import HEAD_BYTES, detect, detect_text
from samespace.core.encodings import encoding_named
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge, Unavailable
from samespace.core.faults import reach
from samespace.core.settings import Settings
from samespace.store.blobs import Blobs, original
from samespace.store.facets import check_metadata
from samespace.store.records import Collection, Document, Records
from samespace.store.records.documents import Offer, Outcome

_CHUNK = 1 << 20
_LONGEST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or text as it came in; the stream can be read twice. `is_text` where nobody made it a file,
    `encoding` where somebody said which its text is in."""

    name: str
    stream: BinaryIO
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    is_text: bool = False
    encoding: str | None = None


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
    return Receipt(document, outcome)


def _offer(upload: Upload, collection: Collection, job_id: str, settings: Settings) -> Offer:
    _check_text("name", upload.name)
    _check_text("external_id", upload.external_id or "")
    metadata = _checked_metadata(upload.metadata, upload.name, settings.max_metadata_bytes)
    size, content_hash, head = _measure(upload, settings.max_file_bytes)
    encoding = encoding_named(upload.encoding) if upload.encoding is not None else None
    tell = detect_text if upload.is_text else detect
    found = tell(head, upload.name, encoding)
    return Offer(
        id=secrets.token_hex(16),
        collection_id=collection.id,
        external_id=upload.external_id,
        name=upload.name,
        media_type=found.media_type,
        size=size,
        content_hash=content_hash,
        metadata=metadata,
        warnings=found.warnings,
        job_id=job_id,
        encoding=encoding if found.media_type.startswith("text/") else None,
    )


def _check_text(what: str, text: str) -> None:
    """Names are kept and indexed by the records: not without end, and nothing that SQL cannot hold."""
    if len(text) > _LONGEST_NAME:
        raise InvalidRequest(
            f"the {what} {text[:60]!r}... has {len(text)} characters, the limit is {_LONGEST_NAME}"
        )
    if "\0" in text or (not text.isascii() and any(0xD800 <= ord(char) < 0xE000 for char in text)):
        raise InvalidRequest(f"the {what} {text[:60]!r} holds a character that is no text")


def _checked_metadata(metadata: object, name: str, limit: int) -> Mapping[str, Any]:
    """The metadata, if it is an object that the index can keep and not too large; InvalidRequest, TooLarge."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise InvalidRequest(
            f"the metadata of {name!r} is {type(metadata).__name__}, it has to be an object"
        )
    check_metadata(metadata)
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    if size > limit:
        raise TooLarge(f"the metadata of {name!r} has {size} bytes, the limit is {limit}")
    return metadata


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
