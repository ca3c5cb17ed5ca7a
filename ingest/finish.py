"""The end of a claim: complete documents go live, the versions they replace go away."""

from collections.abc import Sequence

from ingest.claim import Claim
from ingest.release import release
from ingest.spaces import CollectionSpace
from ingest.withdraw import sweep, withdraw
from samespace.core.faults import fault_point
from samespace.services import Services
from samespace.store.records import Document


def finish(
    claims: Sequence[Claim], spaces: Sequence[CollectionSpace], services: Services
) -> list[Document]:
    """Make documents that are complete in these spaces live, in one transaction; answers those that still were ours
    to end."""
    if not claims:
        return []
    replaced = {claim.document.id for claim in claims if claim.document.live_generation is not None}
    ready = services.records.claims.ready([claim.done(spaces) for claim in claims])
    fault_point("finish.ready")
    for claim in claims:
        claim.ended = True
    for doc in ready:
        if doc.id in replaced:
            sweep(doc, services)
    live = {doc.id for doc in ready}
    withdraw([claim for claim in claims if claim.document.id not in live], services)
    if replaced:
        release(services)
    return ready
