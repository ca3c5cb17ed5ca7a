"""Embedding documents: open -> cut -> encode -> write to the index -> ready.

Three things go on at a time, each in a thread: slice n + 1 is read and cut while slice n is encoded and slice n - 1
written. At most four slices of a task are held, so that the encoder need not wait and memory stays bounded.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress

from ingest.ahead import read_ahead
from ingest.change_model import forget_vectors
from ingest.claim import Claim
from ingest.drawing import filled
from ingest.ends import RETRY_SECONDS, fail, put_back, retry_later
from ingest.finish import finish
from ingest.opening import Stopped, opened
from ingest.slices import Encoded, Filled, Slice, SpaceRows, encode, slices
from ingest.spaces import CollectionSpace, open_spaces, splitter_for
from ingest.withdraw import forget, withdraw
from samespace.core.errors import NotFound, SamespaceError, Unavailable, Unreadable
from samespace.core.faults import fault_point
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Document

log = logging.getLogger(__name__)


def ingest_documents(
    documents: Sequence[Document], services: Services, *, must_stop: Callable[[], bool]
) -> list[Document]:
    """Bring claimed documents of one collection to `ready` or `failed`; answers those that became ready.

    One that fails does so alone. Work goes in slices over all the documents, so that device batches
    fill across them. When `must_stop` says so before a slice, what is unfinished waits again; what was
    encoded by then is in the vector cache and costs nothing the next time. A document that was cancelled,
    deleted or replaced meanwhile is let go after the slice, or while it is cut. Unavailable (a store or
    an encoder does not answer) puts everything unfinished back, behind the others, and is raised; anything
    else unforeseen counts as an attempt of each.
    """
    claims = [Claim(document, [], document.warnings) for document in documents]
    try:
        return _run(claims, services, must_stop)
    except Unavailable:
        put_back(claims, services, wait_seconds=RETRY_SECONDS)
        raise
    except Exception as error:
        log.exception("%d documents stumbled", len(claims))
        for claim in claims:
            if not claim.ended:
                retry_later(claim, error, services)
        return []
    finally:
        put_back(claims, services)


def _run(
    claims: Sequence[Claim], services: Services, must_stop: Callable[[], bool]
) -> list[Document]:
    spaces = _spaces(claims, services)
    if not spaces:
        return []
    ready: list[Document] = []
    cut = slices(
        opened(claims, splitter_for(spaces), services, must_stop), services.settings.slice_items
    )
    with (
        suppress(Stopped),
        closing(read_ahead(filled(cut, services))) as ahead,
        closing(_encoded(_until(must_stop, ahead), spaces, services)) as encoded,
    ):
        for each in encoded:
            ready += embed(each, spaces, services)
    return ready


def _spaces(claims: Sequence[Claim], services: Services) -> list[CollectionSpace]:
    """The spaces of the documents' collection; without them (another encoder than the collection's) all fail."""
    try:
        collection = services.records.collections.get(claims[0].document.collection_id)
        return open_spaces(collection, services)
    except Unavailable:
        raise
    except SamespaceError as error:
        for claim in claims:
            fail(claim, error, services)
        return []


def _until(must_stop: Callable[[], bool], some: Iterable[Filled]) -> Iterator[Filled]:
    for each in some:
        if must_stop():
            return
        yield each


def _encoded(
    some: Iterable[Filled], spaces: Sequence[CollectionSpace], services: Services
) -> Generator[Encoded]:
    """Each slice with its vectors; the next one waits for the encoder before this one is given out."""
    beside = ThreadPoolExecutor(1, thread_name_prefix="encode-ahead")
    before: Future[Encoded] | None = None
    try:
        for each in some:
            coming = beside.submit(encode, each, spaces, services)
            if before is not None:
                yield before.result()
            before = coming
        if before is not None:
            yield before.result()
    finally:
        beside.shutdown(cancel_futures=True)


def embed(
    encoded: Encoded, spaces: Sequence[CollectionSpace], services: Services
) -> list[Document]:
    """Write one slice; if that fails, each of its documents alone, so that only the guilty one fails."""
    asked = encoded.filled.asked
    forget([one for one in asked if one[0].ended], services)
    claims = list(dict.fromkeys(claim for claim, _ in asked if not claim.ended))
    try:
        if encoded.error is not None:
            raise encoded.error
        written = _write(encoded, services)
    except Unavailable:
        raise
    except Exception as error:
        if claims and not _are_live(spaces, claims, services):
            _take_again(claims, spaces, services)
            return []
        if len(claims) == 1:
            fail(claims[0], error, services)
            return []
        apart = [encoded.filled.only(claim) for claim in claims]
        return [
            doc
            for alone in apart
            for doc in embed(encode(alone, spaces, services), spaces, services)
        ]
    for claim, _ in written:
        claim.written += 1
    return _end(claims, spaces, services)


def _are_live(
    spaces: Sequence[CollectionSpace], claims: Sequence[Claim], services: Services
) -> bool:
    """Whether these still are what searches ask: an index that was given up since the claim began is gone by now, and
    no document is to blame."""
    try:
        collection = services.records.collections.get(claims[0].document.collection_id)
    except NotFound:
        return True
    return {one.id for one in collection.live} == {space.index.id for space in spaces}


def _take_again(
    claims: Sequence[Claim], spaces: Sequence[CollectionSpace], services: Services
) -> None:
    """Let them wait for another turn, in what searches ask by then; vectors that nobody needs now are not left."""
    put_back(claims, services)
    for space in spaces:
        if space.encoder is not None:
            forget_vectors(space.encoder.fingerprint, services)


def _write(encoded: Encoded, services: Services) -> Slice:
    """Write to the index what was encoded, but for what has ended meanwhile; answers what that comes to."""
    for rows in map(SpaceRows.left, encoded.rows):
        for claim, _ in rows.pieces:
            claim.has_written = True
        if rows.pieces:
            made = [claim.row(piece) for claim, piece in rows.pieces]
            kind_of(rows.index, services.records, services.index).write(
                rows.index, made, rows.vectors
            )
        fault_point("embed.indexed")
        for claim, key in rows.cut:
            claim.cut_in.setdefault(key, []).append(rows.index.name)
    return [(claim, piece) for claim, piece in encoded.filled.pieces if not claim.ended]


def _end(
    claims: Sequence[Claim], spaces: Sequence[CollectionSpace], services: Services
) -> list[Document]:
    """Those that are complete are made live; of the others it is noted how far they have got."""
    for claim in claims:
        if not claim.pieces:
            fail(claim, Unreadable(f"no page of {claim.document.name!r} can be drawn"), services)
    claims = [claim for claim in claims if not claim.ended]
    _let_go([claim for claim in claims if not claim.is_complete], services)
    ready = finish([claim for claim in claims if claim.is_complete], spaces, services)
    for claim in claims:
        if claim.ended:
            claim.pieces, claim.decoded = [], {}
    return ready


def _let_go(claims: Sequence[Claim], services: Services) -> None:
    """Note how far these have got; those that are no longer ours end here, and what they wrote is taken back."""
    progress = services.records.claims.progress
    lost = [
        claim for claim in claims if not progress(claim.document, claim.written, len(claim.pieces))
    ]
    for claim in lost:
        claim.ended = True
    withdraw(lost, services)
