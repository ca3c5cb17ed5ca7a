"""Headers of every answer: no page may frame it, sniff it, learn where it came from, or keep it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_POLICY = "Content-Security-Policy"
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# Swagger UI runs from files of this origin; its style sheet holds small pictures.
_POLICIES = {
    "/docs": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}


class SafeHeaders:
    """ASGI middleware that adds them, unless the answer says something of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault(_POLICY, _POLICIES.get(scope["path"], _NOTHING))
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)
