"""Who changed what, as `samespace.api.middleware.audit` wrote it down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from samespace.api.context import Admin
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import moment
from samespace.api.schemas import audit as schemas
from samespace.store.records.audit import AuditLine

router = APIRouter(prefix="/v1/audit", tags=["keys"], responses=PROBLEMS, dependencies=KEYED)

_MOST = 1000


@router.get("", response_model=schemas.AuditPage)
def read_audit(
    here: Admin,
    *,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Any:
    """Who changed what, oldest first, page by page."""
    found = here.services.records.audit.page(
        after=after, since=None if since is None else since.timestamp(), limit=limit + 1
    )
    return {"lines": [_view(line) for line in found[:limit]], "next": _next(found, limit)}


def _next(found: Sequence[AuditLine], limit: int) -> int | None:
    return found[limit - 1].id if len(found) > limit else None


def _view(line: AuditLine) -> schemas.AuditLineView:
    return schemas.AuditLineView(
        id=line.id,
        at=moment(line.at),
        actor=line.actor,
        action=line.action,
        collection=line.collection,
        subject=line.subject,
        detail=dict(line.detail),
    )
