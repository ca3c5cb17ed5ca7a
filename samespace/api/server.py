"""The API as a process."""

import asyncio
import sys
from contextlib import closing, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE

from samespace.api.app import make_app
from samespace.api.middleware.connections import watched
from samespace.core.errors import Misconfigured
from samespace.core.hosts import is_loopback
from samespace.core.settings import Settings
from samespace.wiring import open_records_of

_STOP_SECONDS = 5
_KEEP_ALIVE_SECONDS = 30
_TICK_SECONDS = 1.0


def serve(settings: Settings) -> None:
    """Answer until SIGINT or SIGTERM; Misconfigured for an address beyond this machine without a key."""
    check_address(settings)
    run(make_app(settings), settings)


def run(app: ASGIApp, settings: Settings) -> None:
    """Answer with an application that was made before, in one process."""
    server = _Server(uvicorn.Config(app, **options(settings)))
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


class _Server(uvicorn.Server):
    """uvicorn looks ten times a second whether it was told to stop; this one is woken, and looks at the clock."""

    async def main_loop(self) -> None:
        """See uvicorn; each tick writes the date of answers anew."""
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _TICK_SECONDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn; a signal may come at any moment."""
        super().handle_exit(sig, frame)
        if self.started:
            self._loop.call_soon_threadsafe(self._told.set)


def options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told."""
    return {
        "host": settings.host,
        "port": settings.port,
        "log_level": settings.log_level.lower(),
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "http": watched(settings),
        "ws": "none",
        "timeout_keep_alive": _KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": _STOP_SECONDS,  # open event streams must not hold up a stop
    }


def check_address(settings: Settings) -> None:
    """Misconfigured if others could reach the server without a key."""
    if is_loopback(settings.host) or settings.api_key is not None:
        return
    with closing(open_records_of(settings)) as records:
        if not records.keys.count():
            raise Misconfigured(
                f"SAMESPACE_HOST is {settings.host!r}, which others can reach, but there is no key: "
                "set SAMESPACE_API_KEY or make one with `samespace keys`"
            )
