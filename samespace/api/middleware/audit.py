"""Audit lines of the API: every route that needs more than `read` and answers well writes one, by itself."""

import logging

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.context import Context, needs_of
from samespace.core.errors import SamespaceError
from samespace.store.records.keys import Scope as KeyScope

log = logging.getLogger(__name__)

_LOOKING = frozenset({"GET", "HEAD"})


class AuditChanges:
    """ASGI middleware: before a change is answered with 2xx, its line is on record.

    The action is the name of the route, collection and subject are those of its path; a route may say more
    in `here.notes`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_change(scope, message["status"]):
                await run_in_threadpool(_add_line, scope)
            await send(message)

        await self._app(scope, receive, noting)


def _is_change(scope: Scope, status: int) -> bool:
    needs = needs_of(scope.get("route"))
    return (
        200 <= status < 300
        and needs is not None
        and needs.scope is not KeyScope.READ
        and scope["method"] not in _LOOKING
    )


def _add_line(scope: Scope) -> None:
    context: Context = scope["app"].state.context
    places = dict(scope.get("path_params") or {})
    notes = dict(scope.get("samespace.notes") or {})
    collection = notes.pop("collection", None) or places.pop("collection", None)
    subject = notes.pop("subject", None) or next(iter(places.values()), None)
    actor, action = scope["samespace.grant"].actor, scope["route"].name
    try:
        context.services.records.audit.add(
            actor, action, collection=collection, subject=subject, **notes
        )
    except SamespaceError:
        # The change is done; that its line is missing must not look as if it were not.
        log.exception("audit: %s by %s has no line in the records", action, actor)
