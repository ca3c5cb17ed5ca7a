"""Accepting uploads: every original is stored and every record written before anybody is told 'accepted'."""

import hashlib
import io
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.detect import HEAD_BYTES, detect, detect_text
from samespace.core.encodings import encoding_named
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge, Unavailable
from samespace.core.faults import reach
from samespace.core.names import check_external_id, document_name
from samespace.core.settings import Settings
from samespace.store.blobs import Blobs, original
from samespace.store.metadata import MetadataMode, check_size
from samespace.store.records import Collection, Document, Records
from samespace.store.records.documents import Offer, Outcome, SameName

_CHUNK = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or text as it came in; the stream can be read twice. `is_text` where nobody made it a file, `encoding`
    where somebody said which its text is in; `metadata_mode` says what becomes of the metadata that the document has
    already, `on_same_name` of an older document of its name (None where nobody gave it that name)."""

    name: str
    stream: BinaryIO
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    is_text: bool = False
    encoding: str | None = None
    metadata_mode: MetadataMode = MetadataMode.MERGE
    on_same_name: SameName | None = SameName.KEEP_BOTH


@dataclass(frozen=True, slots=True)
class Receipt:
    """An upload that was accepted, what that came to, and which other documents of its name answer beside it."""

    document: Document
    outcome: Outcome
    same_name: Sequence[str] = ()


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
    text: str,
    name: str | None,
    external_id: str | None,
    metadata: Mapping[str, Any] | None,
    *,
    metadata_mode: MetadataMode = MetadataMode.MERGE,
    on_same_name: SameName = SameName.KEEP_BOTH,
) -> Upload:
    """A text given inline, as an upload; it is named after itself where it has no name."""
    first_line = text.strip().partition("\n")[0]
    return Upload(
        name or external_id or first_line[:60] or "text",
        io.BytesIO(text.encode("utf-8", "surrogatepass")),
        external_id,
        metadata,
        is_text=True,
        metadata_mode=metadata_mode,
        on_same_name=on_same_name if name else None,
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
        is_known_by_name = offer.on_same_name is not None and document.external_id is None
        same_name = records.documents.namesakes(document) if is_known_by_name else []
    except SamespaceError as error:
        return Refusal(upload.name, error)
    except Exception as error:  # a fault of ours with one of them is none of the others
        return unexpected(upload.name, error)
    return Receipt(document, outcome, same_name)


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
    encoding = encoding_named(upload.encoding) if upload.encoding is not None else None
    tell = detect_text if upload.is_text else detect
    found = tell(head, upload.name, encoding)
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
        encoding=encoding if found.media_type.startswith("text/") else None,
        metadata_mode=upload.metadata_mode,
        most_metadata=settings.max_metadata_bytes,
        on_same_name=upload.on_same_name,
    )


def _checked_metadata(metadata: object, name: str, limit: int) -> Mapping[str, Any]:
    """The metadata, if it is an object that the index can keep and not too large; InvalidRequest, TooLarge."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise InvalidRequest(
            f"the metadata of {name!r} is {type(metadata).__name__}, it has to be an object"
        )
    check_size(metadata, name, limit)
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
