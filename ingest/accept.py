"""Accepting uploads: every original is stored and every record written before anybody is told 'accepted'."""

import hashlib
import io
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.detect import HEAD_BYTES, detect, detect_text
from samespace.core.encodings import encoding_named
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge, Unavailable
from samespace.core.faults import fault_point
from samespace.core.names import check_external_id, document_name, text_name
from samespace.core.settings import Settings
from samespace.store.blobs import Blobs, original
from samespace.store.metadata import MetadataMode, check_size
from samespace.store.records import Collection, Document, Records
from samespace.store.records.offers import Offer, Outcome, SameName, Taken

_CHUNK = 1 << 20
_MOST_TOGETHER = 128
_MOST_BYTES_TOGETHER = 16 << 20
"""Uploads are a group until they are so many or so large: a large file is one by itself or the last of its group."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or text as it came in; the stream can be read twice. `is_text` where nobody made it a file, `encoding`
    where somebody said which its text is in; `metadata_mode` says what becomes of the metadata that the document has
    already, `on_same_name` of an older document of its name (None where nobody gave it that name). `is_passing` where
    the stream is there only until the next upload is asked for."""

    name: str
    stream: BinaryIO
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    is_text: bool = False
    encoding: str | None = None
    metadata_mode: MetadataMode = MetadataMode.MERGE
    on_same_name: SameName | None = SameName.KEEP_BOTH
    is_passing: bool = False


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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An upload that was looked at, and as what it is offered."""

    upload: Upload
    offer: Offer


def accept_documents(
    uploads: Iterable[Upload | Refusal],
    *,
    collection: Collection,
    job_id: str,
    records: Records,
    blobs: Blobs,
    settings: Settings,
) -> list[Receipt | Refusal]:
    """Store and record the uploads, in order; a Refusal stands for one that never came in.

    What is small is stored and recorded in groups, to the outcomes of one after another. Once a store does not answer
    or is full, those that are left are refused for the same reason, untried: each would wait as long as the first.
    """
    outcomes: list[Receipt | Refusal] = []
    waiting = iter(uploads)
    prepared = (_prepare(upload, collection, job_id, settings) for upload in waiting)
    for group in _groups(prepared):
        offered = [one for one in group if isinstance(one, _Prepared)]
        answers = _accept_all(offered, records, blobs)
        fault = next(filter(None, map(_fault_of, answers)), None)
        accepted = iter(answers)
        outcomes += [one if isinstance(one, Refusal) else next(accepted) for one in group]
        if fault is not None:
            outcomes += [_refused(upload, fault) for upload in waiting]
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
    return Upload(
        name or text_name(text, external_id),
        io.BytesIO(text.encode("utf-8", "surrogatepass")),
        external_id,
        metadata,
        is_text=True,
        metadata_mode=metadata_mode,
        on_same_name=on_same_name if name else None,
    )


def _groups(
    prepared: Iterable[_Prepared | Refusal],
) -> Iterator[list[_Prepared | Refusal]]:
    """Some at a time, so that what a group holds in memory and keeps others waiting for is bounded."""
    group: list[_Prepared | Refusal] = []
    size = 0
    for one in prepared:
        group.append(one)
        size += one.offer.size if isinstance(one, _Prepared) else 0
        is_passing = isinstance(one, _Prepared) and one.upload.is_passing
        if is_passing or len(group) >= _MOST_TOGETHER or size >= _MOST_BYTES_TOGETHER:
            yield group
            group, size = [], 0
    if group:
        yield group


def _fault_of(outcome: Receipt | Refusal) -> Unavailable | None:
    error = outcome.error if isinstance(outcome, Refusal) else None
    return error if isinstance(error, Unavailable) else None


def _refused(upload: Upload | Refusal, error: SamespaceError) -> Refusal:
    return upload if isinstance(upload, Refusal) else Refusal(upload.name, error)


def _accept_all(
    prepared: Sequence[_Prepared], records: Records, blobs: Blobs
) -> list[Receipt | Refusal]:
    """Together; where something goes wrong with one of them that is of that one alone, one after another."""
    try:
        if len(prepared) > 1 and _have_room(prepared, records):
            return _accept_together(prepared, records, blobs)
    except SamespaceError as error:
        return [Refusal(one.upload.name, error) for one in prepared]
    except Exception:
        log.exception("%d documents were not accepted together, each is tried alone", len(prepared))
    return [_accept_alone(one, records, blobs) for one in prepared]


def _have_room(prepared: Sequence[_Prepared], records: Records) -> bool:
    """Whether the quota takes all of them whatever they are; else each is asked for before its bytes are stored."""
    size = sum(one.offer.size for one in prepared)
    collection_id = prepared[0].offer.collection_id
    return records.documents.has_room(collection_id, len(prepared), size)


def _accept_alone(one: _Prepared, records: Records, blobs: Blobs) -> Receipt | Refusal:
    try:
        records.documents.check_room(one.offer)
        [outcome] = _accept_together([one], records, blobs)
    except SamespaceError as error:
        return Refusal(one.upload.name, error)
    except Exception as error:  # a fault of ours with one of them is none of the others
        return unexpected(one.upload.name, error)
    return outcome


def _accept_together(
    prepared: Sequence[_Prepared], records: Records, blobs: Blobs
) -> list[Receipt | Refusal]:
    """The originals stored, then the records written; SamespaceError where that can be done for none of them."""
    faults = _store(prepared, blobs)
    fault_point("accept.stored")
    stored = [one.offer for one, fault in zip(prepared, faults, strict=True) if fault is None]
    answers = iter(records.documents.accept_all(stored))
    came_to = [fault or next(answers) for fault in faults]
    # Between our first look and our record, the last other holder of these bytes may have been deleted.
    taken = [one for one, each in zip(prepared, came_to, strict=True) if isinstance(each, Taken)]
    lost = iter(_store(taken, blobs))
    came_to = [(next(lost) or each) if isinstance(each, Taken) else each for each in came_to]
    fault_point("accept.recorded")
    return [_outcome(one, each) for one, each in zip(prepared, came_to, strict=True)]


def _store(prepared: Sequence[_Prepared], blobs: Blobs) -> list[Unavailable | None]:
    return blobs.put_all(
        [(original(one.offer.content_hash), _rewound(one.upload.stream)) for one in prepared]
    )


def _outcome(one: _Prepared, came_to: Taken | SamespaceError) -> Receipt | Refusal:
    if isinstance(came_to, SamespaceError):
        return Refusal(one.upload.name, came_to)
    return Receipt(came_to.document, came_to.outcome, came_to.same_name)


def unexpected(name: str, error: Exception) -> Refusal:
    """What is said where nobody thought of what went wrong; the log has the rest."""
    log.error("a document was not accepted: unexpected %s", type(error).__name__, exc_info=error)
    why = f"unexpected {type(error).__name__}; the log of the server has the rest"
    return Refusal(name, SamespaceError(why))


def _prepare(
    upload: Upload | Refusal, collection: Collection, job_id: str, settings: Settings
) -> _Prepared | Refusal:
    if isinstance(upload, Refusal):
        return upload
    try:
        return _Prepared(upload, _offer(upload, collection, job_id, settings))
    except SamespaceError as error:
        return Refusal(upload.name, error)
    except Exception as error:
        return unexpected(upload.name, error)


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
    if len(head) < HEAD_BYTES:
        stream = io.BytesIO(head)  # that was all of it
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
