"""What stands behind items that were ingested before: passages as the live indexes keep them, pictures out of the
originals; nothing is parsed for its text or cut anew."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.formats import registry
from ingest.items import Piece
from ingest.limits import limits_of
from ingest.parse import ParseJob, ReadJob
from ingest.parsed import Parsed, Read
from samespace.core.content import Content, text_hash
from samespace.core.errors import NotFound, SamespaceError, Unavailable, Unreadable
from samespace.core.modalities import row_of
from samespace.core.types import TEXT, Row
from samespace.services import Services
from samespace.store.blobs import original
from samespace.store.records import Collection, Document, LiveItem
from samespace.store.records.holdings import HeldItem

_OPENED_AT_ONCE = 16
"""Pictures of a document that are decoded as it is opened; where more are wanted, they are read by their places."""


@dataclass(slots=True)
class Found:
    """Items with what their index rows say; documents of which some could not be had, and why; those of which rows are
    not there (any more)."""

    rows: list[Row] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)


def rows_again(
    items: Sequence[LiveItem | HeldItem],
    collection: Collection,
    docs: Mapping[str, Document],
    services: Services,
) -> Found:
    """The rows of items that are live, as the live indexes have them, with what filters ask beside. Unavailable."""
    found = Found()
    known = _rows([item.key for item in items], collection, services)
    for item in items:
        row, doc = known.get(item.key), docs.get(item.document_id)
        if row is None or doc is None or row.generation != item.generation:
            found.absent.add(item.document_id)
        elif row.item.modality == TEXT and text_hash(row.item.text) != item.content_hash:
            found.failed[item.document_id] = "a passage of it is not kept whole; add it again"
        else:
            found.rows.append(replace(row, name=doc.name, added=doc.created_at))
    return found


def _rows(keys: Sequence[str], collection: Collection, services: Services) -> dict[str, Row]:
    """Of each item the row in the first live index that has it."""
    rows: dict[str, Row] = {}
    for index in collection.spaces:
        wanted = [key for key in keys if key not in rows]
        if wanted:
            rows |= {row.item.key: row for row in services.index.rows(index.index_name, wanted)}
    return rows


def piece_of(row: Row) -> Piece:
    """What is embedded of a row; of a picture, it has still to be read."""
    item = row.item
    text = "" if row_of(item.modality).is_decoded else item.text
    return Piece(item, Content(item.modality, item.content_hash, text, place=item.place))


def read_again(
    rows: Sequence[Row], docs: Mapping[str, Document], services: Services
) -> Iterator[tuple[str, Mapping[str, Content] | str]]:
    """For each document of these rows, by its id: its pictures by content hash, decoded out of its original; or why
    they cannot be had. Unavailable."""
    wanted: dict[str, list[Row]] = {}
    for row in rows:
        wanted.setdefault(row.item.document_id, []).append(row)
    asked: list[str] = []
    jobs = _jobs(wanted, docs, asked, services)
    missing: list[tuple[str, str]] = []
    for parsed in services.sandbox.run_many(_noting(jobs, missing)):
        id = asked.pop(0)
        yield id, _pictures(parsed, wanted[id], docs[id], services)
    yield from missing


def _noting(
    jobs: Iterable[ParseJob | tuple[str, str]], missing: list[tuple[str, str]]
) -> Iterator[ParseJob]:
    for job in jobs:
        if isinstance(job, ParseJob):
            yield job
        else:
            missing.append(job)


def _jobs(
    wanted: Mapping[str, Sequence[Row]],
    docs: Mapping[str, Document],
    asked: list[str],
    services: Services,
) -> Iterator[ParseJob | tuple[str, str]]:
    for id, rows in wanted.items():
        try:
            job = _job(docs[id], rows, services)
        except NotFound:
            yield id, f"its original, blob {original(_bytes_of(docs[id]))}, is gone; add it again"
        else:
            asked.append(id)
            yield job


def _bytes_of(doc: Document) -> str:
    """What the live version was read from, though a newer one may have been accepted."""
    return doc.live_hash or doc.content_hash


def _job(doc: Document, rows: Sequence[Row], services: Services) -> ParseJob:
    limits = limits_of(services.settings)
    if len(rows) > _OPENED_AT_ONCE:
        limits = replace(limits, pages_at_once=0)
    try:
        source = services.blobs.get(original(_bytes_of(doc)))
    except OSError as error:
        raise Unavailable(f"the original of {doc.name!r} cannot be read: {error}") from error
    media_type = rows[0].media_type
    format = registry.FORMATS.of(media_type)
    return ParseJob(
        name=doc.name,
        source=source,
        media_type=media_type,
        limits=limits,
        encoding=doc.encoding,
        usual_encoding=services.settings.encoding,
        reader=format.reader if format else None,
        key=f"{doc.id}/{doc.live_generation}/again",
    )


def _pictures(
    parsed: Parsed | SamespaceError, rows: Sequence[Row], doc: Document, services: Services
) -> Mapping[str, Content] | str:
    if isinstance(parsed, Unavailable):
        raise parsed
    if isinstance(parsed, SamespaceError):
        return str(parsed)
    wanted = {row.item.content_hash for row in rows}
    got: dict[str, Content] = {}
    later: dict[int, Content] = {}
    waiting = iter(parsed.waiting)
    for content in parsed.contents:
        at = None if content.is_there else next(waiting)
        if content.content_hash in wanted and at is None:
            got[content.content_hash] = content
        elif content.content_hash in wanted and at is not None:
            later[at] = content
    try:
        got |= _read_on(later, rows, doc, services)
    except Unavailable:
        raise
    except SamespaceError as error:
        return str(error)
    lost = wanted - got.keys()
    return f"{len(lost)} of its pictures cannot be read again" if lost else got


def _read_on(
    later: Mapping[int, Content], rows: Sequence[Row], doc: Document, services: Services
) -> dict[str, Content]:
    """What was not decoded as the document was opened."""
    if not later:
        return {}
    job, at = _job(doc, rows, services), tuple(later)

    def anew() -> ReadJob:
        return ReadJob(doc.name, job.key, at, job)

    read = services.sandbox.read_on(job.key, ReadJob(doc.name, job.key, at), anew)
    if isinstance(read, SamespaceError):
        raise read
    if not isinstance(read, Read):
        raise Unreadable(f"{doc.name} cannot be read again")
    return {
        later[place].content_hash: later[place].with_decoded(decoded)
        for place, decoded in zip(read.at, read.decoded, strict=True)
        if place in later
    }
