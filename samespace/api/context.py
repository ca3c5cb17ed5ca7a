"""What the routes work with, and the one place where it is said what each may be used for.

A route takes `here` as one of `Reader`, `Writer`, `Admin` (or `ReaderOfAll`, `WriterOfAll`): that is its declaration
of the scope it needs, and its only way to the stores. It reaches collections and jobs through `here.collection`,
`here.collections` and `here.job`, which know no others than the grant of the one who asks.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from ingest.depth import Depth
from ingest.fetcher import Fetches
from samespace.api.auth.credential import Credential, shown_by
from samespace.api.auth.grants import NO_GRANT, Grant, check_scope
from samespace.api.auth.key_cache import KeyCache
from samespace.api.events.watch import Watches
from samespace.api.metrics import Metrics
from samespace.api.middleware.rate_limit import Rates
from samespace.api.query_notes import QueryNotes
from samespace.api.responses.pending import Pending
from samespace.api.routes import docs, page
from samespace.core.errors import Misconfigured, NotFound, Unavailable
from samespace.core.types import State
from samespace.services import Services
from samespace.store.records import Collection, Job
from samespace.store.records.collections import missing
from samespace.store.records.keys import Scope
from search.fields import FieldCounts
from search.searcher import Searcher
from workers.submit import Queue

# A session is asked for by those who have none yet: what may be done with it, its routes decide.
SESSION = "/v1/session"
PUBLIC = frozenset({"/healthz", "/readyz", "/openapi.json", SESSION, *page.VIEWS})
# A question that comes while the models are being loaded waits so long for them, holding no thread.
_WARM_SECONDS = 5.0
_LOOKS_EVERY_SECONDS = 0.05
_FOLDERS = tuple(f"{prefix}/" for prefix in (page.PREFIX, docs.PREFIX))


def is_public(path: str) -> bool:
    """Whether anybody may ask for this, key or none: what holds nothing of anybody."""
    return path in PUBLIC or f"{path}/".startswith(_FOLDERS)


@dataclass(slots=True)
class Warmth:
    """How far the encoders of the default preset are: `problem` says why they could not be loaded."""

    done: threading.Event = field(default_factory=threading.Event)
    problem: str | None = None
    device: str | None = None
    precision: str | None = None

    async def wait(self, seconds: float) -> None:
        """Until they are loaded, or it is known that they cannot be; Unavailable after so many seconds."""
        until = time.monotonic() + seconds
        while not self.done.is_set():
            if time.monotonic() > until:
                raise Unavailable("the models are still being loaded; ask again in a moment")
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class Context:
    """The services, the queue and what else lives as long as the application; and who asks.

    `notes` is what a route adds to its audit line.
    """

    services: Services
    queue: Queue
    depth: Depth
    fetcher: Fetches
    searcher: Searcher
    fields: FieldCounts
    pending: Pending
    metrics: Metrics
    warmth: Warmth
    rates: Rates
    key_cache: KeyCache
    watches: Watches
    asked: QueryNotes
    grant: Grant = NO_GRANT
    shown: Credential | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def is_still_granted(self) -> bool:
        """Whether the one who asked may still do what was granted then: for answers that go on and on."""
        return self.key_cache.still_grants(self.shown, self.grant, self.services.records)

    def collection(self, name: str) -> Collection:
        """The collection of that name, if the one who asks may see it; NotFound."""
        found = self.services.records.collections.find(name)
        if not self.grant.sees(found.id):
            raise NotFound(missing(name))
        return found

    def collections(self) -> list[Collection]:
        """All collections that the one who asks may see, by name."""
        found = self.services.records.collections.all()
        return [collection for collection in found if self.grant.sees(collection.id)]

    def job(self, id: str) -> tuple[Job, Collection | None]:
        """A job and its collection, None if it is of all, if the one who asks may see it; NotFound."""
        job = self.services.records.jobs.get(id)
        if not self.grant.sees(job.collection_id):
            raise NotFound(f"there is no job {id!r}")
        if job.collection_id is None:
            return job, None
        collection = self.services.records.collections.get(job.collection_id)
        if collection.state is State.DELETING:
            raise NotFound(f"there is no job {id!r}: its collection was deleted")
        return job, collection


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency: the context with the grant of the one who asks; Forbidden where that lacks the scope."""

    scope: Scope
    everywhere: bool = False

    async def __call__(self, request: Request) -> Context:
        grant: Grant = request.scope["samespace.grant"]
        check_scope(grant, self.scope, everywhere=self.everywhere)
        context: Context = request.app.state.context
        return replace(
            context,
            grant=grant,
            shown=shown_by(request.scope, context.services.settings),
            notes=request.scope.setdefault("samespace.notes", {}),
            searcher=replace(context.searcher, cursors=context.searcher.cursors.of(grant.actor)),
        )


async def _open_context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def wait_until_warm(request: Request) -> None:
    """A dependency of what needs the encoders: Unavailable while they are not there; jobs and lists need none."""
    if request.method == "POST" and not request.url.path.rstrip("/").endswith("/jobs"):
        warmth: Warmth = request.app.state.context.warmth
        await warmth.wait(_WARM_SECONDS)


Here = Annotated[Context, Depends(_open_context)]
Reader = Annotated[Context, Depends(Needs(Scope.READ))]
Writer = Annotated[Context, Depends(Needs(Scope.WRITE))]
Admin = Annotated[Context, Depends(Needs(Scope.ADMIN))]
ReaderOfAll = Annotated[Context, Depends(Needs(Scope.READ, everywhere=True))]
WriterOfAll = Annotated[Context, Depends(Needs(Scope.WRITE, everywhere=True))]


def check_routes(app: FastAPI) -> None:
    """Misconfigured if a route that is not public declares no scope: such an application does not start."""
    for route in iter_route_contexts(app.routes):
        if not is_public(route.path or "") and needs_of(route.original_route) is None:
            raise Misconfigured(
                f"route {route.path!r} declares no scope: its function has to take `here` as Reader, "
                "Writer or Admin (samespace.api.context)"
            )


def needs_of(route: object) -> Needs | None:
    """What a route declares that it needs; of several, the widest scope."""
    if not isinstance(route, APIRoute):
        return None
    found = [each for each in _calls(route.dependant) if isinstance(each, Needs)]
    order = list(Scope)
    return max(found, key=lambda needs: order.index(needs.scope), default=None)


def _calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
