"""What the routes work with."""

import threading
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from ingest.depth import Depth
from ingest.fetch import Fetcher
from ingest.sandbox import Sandbox
from samespace.api.metrics import Metrics
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.store.blobs import Blobs
from samespace.store.index import Index
from samespace.store.records import Records
from search.background import Backgrounds
from search.cursor import Cursors
from workers.submit import Queue


@dataclass(slots=True)
class Warmth:
    """How far the encoders of the default preset are: `problem` says why they could not be loaded."""

    done: threading.Event = field(default_factory=threading.Event)
    problem: str | None = None
    device: str | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The stores, the encoders, the queue and what else lives as long as the application."""

    settings: Settings
    records: Records
    blobs: Blobs
    index: Index
    encoders: Encoders
    queue: Queue
    depth: Depth
    sandbox: Sandbox
    fetcher: Fetcher
    backgrounds: Backgrounds
    cursors: Cursors
    metrics: Metrics
    warmth: Warmth


async def _context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(_context_of)]
