"""API and worker inside this process, so that they can be watched; index and queue beside it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from samespace.api.app import make_app
from samespace.api.server import options
from samespace.client import Client
from samespace.core.settings import Settings
from samespace.encoders.spaces import spaces_of
from samespace.operations.stack.folder import Folder
from samespace.operations.stack.stack import Stack
from samespace.operations.stack.supervisor import Supervisor
from samespace.services import Services
from samespace.wiring import open_services
from workers.process import Process
from workers.submit import Queue, open_queue

_START_SECONDS = 300.0
_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Inside:
    """A client of the API in this process, and the worker's process as its tasks see it."""

    client: Client
    process: Process
    settings: Settings


@contextmanager
def inside(data: Path) -> Iterator[Inside]:
    """All of it on an empty folder while the block runs; nothing works but what is called."""
    with ExitStack() as stack:
        settings = stack.enter_context(_servers(Settings(data=data, port=0, log_level="WARNING")))
        services = stack.enter_context(closing(open_services(settings)))
        queue = stack.enter_context(closing(open_queue(settings)))
        client = stack.enter_context(_api(settings, services, queue))
        process = stack.enter_context(_worker(settings, services, queue))
        yield Inside(client, process, settings)


@contextmanager
def _servers(settings: Settings) -> Iterator[Settings]:
    """Index and queue as `samespace up` starts them; the settings with their addresses."""
    Folder(settings.data.resolve()).prepare()
    stack = Stack(settings)
    supervisor = Supervisor(stack.logs, stack.settings.data / "run", print)
    try:
        supervisor.start(stack.servers())
        yield stack.settings
    finally:
        supervisor.stop()


@contextmanager
def _api(settings: Settings, services: Services, queue: Queue) -> Iterator[Client]:
    server = uvicorn.Server(
        uvicorn.Config(make_app(settings, services, queue), **options(settings))
    )
    thread = threading.Thread(target=server.run, name="api")
    thread.start()
    try:
        until = time.monotonic() + _START_SECONDS
        while not server.started:
            assert thread.is_alive(), "the API ended while starting"
            assert time.monotonic() < until, "the API does not start"
            time.sleep(0.05)
        with Client(f"http://{settings.host}:{settings.port}", timeout=_TIMEOUT) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _worker(settings: Settings, services: Services, queue: Queue) -> Iterator[Process]:
    """It shares the stores and the encoder with the API, as they take turns here."""
    for space in spaces_of(settings.preset):
        services.encoders.get(space)
    yield Process(services, queue)
