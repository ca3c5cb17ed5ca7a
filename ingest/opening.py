"""Opening the documents of a claim: small plain texts here and now, everything else in child processes; and cutting."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from ingest.claim import Claim
from ingest.ends import fail, retry_later
from ingest.formats import registry
from ingest.items import chunk
from ingest.limits import limits_of
from ingest.parse import ParseJob
from ingest.parsed import Parsed
from ingest.plain import is_plain, read_plain
from ingest.split import Splitter
from samespace.core.errors import NotFound, SamespaceError, Superseded, Unavailable, Unreadable
from samespace.core.faults import fault_point
from samespace.services import Services
from samespace.store.blobs import original
from samespace.store.records import Document


class Stopped(Exception):
    """The worker ends; what was being cut waits again."""


def opened(
    claims: Sequence[Claim], splitter: Splitter, services: Services, must_stop: Callable[[], bool]
) -> Iterator[Claim]:
    """Each turn with its pieces, as its document is read, parsed and cut; those that cannot be are failed here.

    Stopped where `must_stop` says so in the middle of a document.
    """
    for claim, parsed in _parsed(claims, services):
        if isinstance(parsed, Unavailable):
            retry_later(claim, parsed, services)
            continue
        if isinstance(parsed, SamespaceError):
            fail(claim, parsed, services)
            continue
        try:
            claim.take(chunk(claim.document, parsed, splitter, _check(claim, services, must_stop)))
        except Superseded:
            claim.ended = True
            continue
        claim.warnings = (*claim.warnings, *parsed.warnings)
        claim.faults = parsed.faults
        fault_point("embed.parsed")
        if claim.pieces:
            yield claim
            services.sandbox.let_go(claim.key)
        else:
            fail(
                claim, Unreadable(f"{claim.document.name!r} holds no text and no picture"), services
            )


def _parsed(
    claims: Sequence[Claim], services: Services
) -> Iterator[tuple[Claim, Parsed | SamespaceError]]:
    """What each original holds, or why not: first the small texts, which nothing has to be started for."""
    others: list[Claim] = []
    for claim in claims:
        job = job_of(claim, services) if is_plain(claim.document) else None
        plain = read_plain(job) if job else None
        if plain is not None:
            yield claim, plain
        elif not claim.ended:
            others.append(claim)
    found: deque[Claim] = deque()
    for parsed in services.sandbox.run_many(_jobs(others, found, services)):
        yield found.popleft(), parsed


def _jobs(claims: Sequence[Claim], found: deque[Claim], services: Services) -> Iterator[ParseJob]:
    """A job for each claim whose original is there, noted in `found`. Each is read as it is opened."""
    for claim in claims:
        job = job_of(claim, services)
        if job is not None:
            found.append(claim)
            yield job


def job_of(claim: Claim, services: Services) -> ParseJob | None:
    """How to open a claim's document; None where its original cannot be had, and the claim has ended."""
    doc = claim.document
    try:
        source = services.blobs.get(original(doc.content_hash))
    except NotFound:
        fail(claim, _lost_original(doc), services)
    except (OSError, Unavailable) as error:
        services.blobs.ping()  # raises, unless it is only about this one
        retry_later(claim, error, services)
    else:
        found = registry.FORMATS.of(doc.media_type)
        return ParseJob(
            name=doc.name,
            source=source,
            media_type=doc.media_type,
            limits=limits_of(services.settings),
            encoding=doc.encoding,
            usual_encoding=services.settings.encoding,
            reader=found.reader if found else None,
            key=claim.key,
        )
    return None


def _lost_original(doc: Document) -> NotFound:
    key = original(doc.content_hash)
    return NotFound(f"the original of {doc.name!r}, blob {key}, is gone; add the document again")


def _check(claim: Claim, services: Services, must_stop: Callable[[], bool]) -> Callable[[], None]:
    """Raises Stopped or Superseded where there is no sense in cutting this document any further."""

    def check() -> None:
        if must_stop():
            raise Stopped
        if not services.records.claims.holds(claim.document):
            raise Superseded(f"{claim.document.name!r} was called off while it was cut")

    return check
