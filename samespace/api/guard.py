"""Who asks: the key of a request becomes a grant here, and nothing passes without one, or more often than it may."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.context import Context, is_public
from samespace.api.errors import problem
from samespace.api.grants import NO_GRANT, OF_NOBODY, Grant
from samespace.api.origin import check_origin
from samespace.api.rates import Allowance, address_of
from samespace.api.ring import KeyRing
from samespace.core.errors import Busy, InvalidRequest, SamespaceError, Unauthorized
from samespace.core.settings import Settings

WRONG_KEYS_A_MINUTE = 30


async def who_asks(scope: Scope, ring: KeyRing) -> Grant:
    """The grant of a request, by its key, or by none where none is asked for; Unauthorized, Busy.

    The one place where that is decided: another way to say who one is would be looked for here.
    """
    text = _bearer(Headers(scope=scope))
    remembered = ring.remembered(text)
    if remembered is not None:
        return remembered
    context: Context = scope["app"].state.context
    return await run_in_threadpool(_look_up, text, address_of(scope["client"]), ring, context)


def _look_up(text: str | None, address: str, ring: KeyRing, context: Context) -> Grant:
    who = f"wrong:{address}"
    if text is not None and ring.is_own(text) and not _guesses(who, context):
        return ring.remember_own(text)
    try:
        return ring.check(text, context.records.keys)
    except Unauthorized:
        if text is not None:
            _count_wrong(who, context)
        raise


def _guesses(who: str, context: Context) -> bool:
    """Whether too many wrong keys came from there to believe a right one that a person may have chosen.

    Those of the records cannot be guessed: they go on, so that nobody behind a shared address is shut out.
    """
    allowance = context.rates.look(who, WRONG_KEYS_A_MINUTE)
    return allowance is not None and allowance.wait > 0


def _count_wrong(who: str, context: Context) -> None:
    context.metrics.wrong_keys.inc()
    allowance = context.rates.take(who, WRONG_KEYS_A_MINUTE)
    if allowance is not None and allowance.wait:
        raise Busy(
            f"more than {WRONG_KEYS_A_MINUTE} wrong keys in a minute came from this address",
            retry_after=allowance.wait,
        )


class Guard:
    """ASGI middleware that lets through what may ask; `samespace.grant` in the scope says what it may do."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._ring = KeyRing(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            check_origin(Headers(scope=scope), scope["method"], self._settings)
            is_open = is_public(scope["path"])
            grant = NO_GRANT if is_open else await who_asks(scope, self._ring)
            allowance = None if is_open else await self._count(grant, scope)
            sending = send if allowance is None else _with_allowance(allowance, send)
            if allowance is not None and allowance.wait:
                await problem(_too_often(allowance))(scope, receive, sending)
                return
        except SamespaceError as error:
            await problem(error)(scope, receive, send)
            return
        scope["samespace.grant"] = grant
        await self._app(scope, receive, sending)

    async def _count(self, grant: Grant, scope: Scope) -> Allowance | None:
        limit = grant.rate or self._settings.rate
        if limit is None:
            return None
        is_nobody = grant.actor == OF_NOBODY.actor
        who = address_of(scope["client"]) if is_nobody else grant.actor
        context: Context = scope["app"].state.context
        return await run_in_threadpool(context.rates.take, f"asks:{who}", limit)


def _check_address(scope: Scope) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise InvalidRequest("the URL holds a NUL character, which no name has")


def _too_often(allowance: Allowance) -> Busy:
    return Busy(
        f"{allowance.limit} requests a minute are allowed, and they are used up",
        retry_after=allowance.wait,
    )


def _with_allowance(allowance: Allowance, send: Send) -> Send:
    """Say in each answer what is left, as draft-ietf-httpapi-ratelimit-headers-10 has it."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"requests";q={allowance.limit};w=60'
            headers["RateLimit"] = f'"requests";r={allowance.left};t={round(allowance.full_in)}'
        await send(message)

    return sending


def _bearer(headers: Headers) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
