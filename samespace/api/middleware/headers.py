"""Headers of every answer: no page may frame it, sniff it, learn where it came from, or keep it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SAFE = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_POLICY = b"content-security-policy"
_NOTHING = b"default-src 'none'; frame-ancestors 'none'"
# Swagger UI runs from files of this origin; its style sheet holds small pictures.
_POLICIES = {
    "/docs": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}


class SafeHeaders:
    """ASGI middleware that adds them, unless the answer says something of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                policy = (_POLICY, _POLICIES.get(scope["path"], _NOTHING))
                added = [each for each in (*_SAFE, policy) if each[0] not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)
