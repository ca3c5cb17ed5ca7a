"""Who asks, and for how long: a question whose client has gone is given up, one that takes too long is answered 503."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.middleware.backpressure import is_question
from samespace.core.asker import Asker, asking
from samespace.core.settings import Settings


class Patience:
    """ASGI middleware that names the one who asks to what works for them; its place is next to the routes.

    The seconds count from when the body is there; from then on it is noticed when the client goes.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_question(scope):
            await self._app(scope, receive, send)
            return
        client = _Client(receive, self._settings.search_seconds)
        with asking(client.asker):
            try:
                await self._app(scope, client.receive, send)
            finally:
                await client.unwatch()


class _Client:
    """The one who asks, as the server hears of them."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self.asker = Asker(seconds)
        self._receive = receive
        self._watching: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """A message of the body; after the last of them, it is watched whether the client goes."""
        if self._watching is not None:
            await self._watching
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.asker.leave()
        elif not message.get("more_body"):
            self.asker.begin()
            self._watching = asyncio.create_task(self._watch())
        return message

    async def unwatch(self) -> None:
        """The answer is given: nobody has to be told any more that the client goes."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.asker.leave()
