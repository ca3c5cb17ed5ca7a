"""The application: wiring, what every request passes, the routes."""

import logging
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager, closing
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from ingest.depth import Depth
from ingest.fetcher import Fetches, open_fetcher
from samespace.api import errors, openapi
from samespace.api.auth.guard import Guard
from samespace.api.auth.key_cache import KeyCache
from samespace.api.context import Context, Warmth, check_routes, wait_until_warm
from samespace.api.events.watch import Watches
from samespace.api.metrics import CountRequests, Metrics, StoreCollector
from samespace.api.middleware.audit import AuditChanges
from samespace.api.middleware.backpressure import Pressure, allow_threads
from samespace.api.middleware.body_limit import BodyLimit
from samespace.api.middleware.deadline import Patience
from samespace.api.middleware.headers import SafeHeaders
from samespace.api.middleware.rate_limit import Rates
from samespace.api.query_notes import QueryNotes
from samespace.api.responses.pending import Pending
from samespace.api.routes import (
    add,
    audit,
    classify,
    collections,
    compare,
    docs,
    documents,
    embeddings,
    events,
    facets,
    jobs,
    kept_queries,
    keys,
    label_sets,
    map,
    model_change,
    models,
    originals,
    page,
    search,
    session,
    status,
)
from samespace.api.routes.checks import refuse_unknown_parameters
from samespace.core.leisure import keep_what_is_there
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.device import compute_of
from samespace.encoders.load import Encoders
from samespace.registry.resolve import spaces_for
from samespace.registry.starters import settle_starters
from samespace.services import Services
from samespace.wiring import open_services
from search.background import Backgrounds
from search.cursor import Cursors, RedisSnapshots
from search.fields import FieldCounts
from search.searcher import Searcher
from workers.submit import Queue, open_queue

log = logging.getLogger(__name__)


def make_app(
    settings: Settings, services: Services | None = None, queue: Queue | None = None
) -> FastAPI:
    """The HTTP API; services and queue that are not given are opened when it starts and closed when it ends."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            opened = services or stack.enter_context(closing(open_services(settings, children=1)))
            settle_starters(opened.records.registry)
            fetcher = stack.enter_context(closing(open_fetcher(settings)))
            context = _context(
                settings,
                opened,
                queue or open_queue(settings),
                fetcher=fetcher,
                metrics=metrics,
            )
            app.state.context = context
            context.asked.open()
            stack.callback(context.asked.flush)
            allow_threads(settings)
            metrics.registry.register(StoreCollector(context.services, context.queue))
            threading.Thread(target=_warm_up, args=[context], name="warm-up", daemon=True).start()
            yield

    app = FastAPI(
        title="samespace",
        version=version("samespace"),
        description="Text and pictures in the same space: add them, search them by meaning, classify them.",
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown_parameters)],
        openapi_tags=openapi.TAGS,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    _add_middleware(app, settings, metrics)
    errors.install(app)
    _add_routes(app)
    page.install(app)
    docs.install(app)
    openapi.install(app)
    check_routes(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    # The last one added is the first that a request passes.
    app.add_middleware(Patience, settings=settings)
    app.add_middleware(Pressure, settings=settings)
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(AuditChanges)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(CountRequests, metrics=metrics)
    app.add_middleware(SafeHeaders)


def _add_routes(app: FastAPI) -> None:
    for part in (search, classify, embeddings):
        app.include_router(part.router, dependencies=[Depends(wait_until_warm)])
    for part in (
        collections,
        add,
        documents,
        originals,
        label_sets,
        models,
        jobs,
        kept_queries,
        compare,
        events,
        facets,
        status,
        keys,
        session,
        audit,
        map,
        model_change,
    ):
        app.include_router(part.router)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _context(
    settings: Settings,
    services: Services,
    queue: Queue,
    *,
    fetcher: Fetches,
    metrics: Metrics,
) -> Context:
    return Context(
        services=services,
        queue=queue,
        depth=Depth(services.records.documents, settings),
        fetcher=fetcher,
        searcher=Searcher(
            services.records,
            services.index,
            services.encoders,
            Backgrounds(settings.background_items),
            Cursors(RedisSnapshots(queue.redis), settings.cursor_seconds),
            settings,
        ),
        fields=FieldCounts(),
        pending=Pending(services.records.documents),
        metrics=metrics,
        warmth=Warmth(),
        rates=Rates(queue.redis),
        key_cache=KeyCache(settings),
        watches=Watches(services.records),
        asked=QueryNotes(services.records, settings.query_log),
    )


def _warm_up(context: Context) -> None:
    """Load the encoders of the default preset and use each once, so that no query has to wait for them."""
    warmth = context.warmth
    try:
        compute = compute_of(context.services.settings)
        warmth.device, warmth.precision = compute.device, compute.precision
        _load(
            spaces_for(context.services.settings.preset, context.services.records),
            context.services.encoders,
        )
    except Exception as error:
        log.exception(
            "the encoders of preset %r cannot be loaded", context.services.settings.preset
        )
        warmth.problem = f"the encoders of preset {context.services.settings.preset!r}: {error}"
    keep_what_is_there()
    warmth.done.set()


def _load(spaces: Iterable[Space], encoders: Encoders) -> None:
    for space in spaces:
        encoders.get(space).warm_up()
