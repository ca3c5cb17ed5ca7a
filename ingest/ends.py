"""How turns end badly: failed, tried again by and by, or put back."""

import logging
from collections.abc import Sequence

from ingest.claim import Claim
from ingest.withdraw import withdraw
from samespace.core.errors import SamespaceError
from samespace.services import Services

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


def fail(claim: Claim, error: Exception, services: Services) -> None:
    """End a claim badly; what it wrote, now or at an earlier start, is taken back."""
    claim.ended = True
    doc = claim.document
    if isinstance(error, SamespaceError):
        reason = str(error)
    else:
        log.error("document %s failed", doc.id, exc_info=error)
        reason = f"unexpected {type(error).__name__}: {error}"
    has_leftovers = claim.has_written or doc.attempt > 1 or doc.generation > 1
    services.records.claims.fail(doc, reason, has_leftovers=has_leftovers)
    withdraw([claim], services)


def retry_later(claim: Claim, error: Exception, services: Services) -> None:
    """Something went wrong that may not go wrong again: another attempt by and by, while there are any left."""
    doc = claim.document
    if doc.attempt >= services.settings.max_attempts:
        fail(claim, error, services)
        return
    log.warning("document %s is tried again: %s", doc.id, error)
    claim.ended = True
    seconds = RETRY_SECONDS * 2 ** (doc.attempt - 1)
    services.records.claims.put_back([doc], count_attempt=True, wait_seconds=seconds)


def put_back(claims: Sequence[Claim], services: Services, wait_seconds: float = 0) -> None:
    """Let what has not ended wait again; what was cancelled, deleted or replaced meanwhile is taken back."""
    left = [claim for claim in claims if not claim.ended]
    if not left:
        return
    docs = [claim.document for claim in left]
    ours = services.records.claims.put_back(docs, wait_seconds=wait_seconds)
    for claim in left:
        claim.ended = True
    withdraw([claim for claim in left if claim.document.id not in ours], services)
