"""Who asks: the key of a request becomes a grant here, and nothing passes without one, or more often than it may."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.auth.credential import Credential, shown_by
from samespace.api.auth.grants import NO_GRANT, OF_NOBODY, Grant
from samespace.api.context import Context, is_public
from samespace.api.errors import problem
from samespace.api.middleware.body_limit import has_body
from samespace.api.middleware.origin import check_origin, check_page
from samespace.api.middleware.rate_limit import Allowance, address_of
from samespace.core.errors import Busy, InvalidRequest, SamespaceError, TooLarge, Unauthorized
from samespace.core.settings import Settings

WRONG_KEYS_A_MINUTE = 30
_LARGEST_OPEN_BODY = 10_000


async def who_asks(scope: Scope) -> Grant:
    """The grant of a request, by its key or its cookie, or by none where none is asked for; Unauthorized, Busy.

    The one place where that is decided: another way to say who one is would be looked for here.
    """
    context: Context = scope["app"].state.context
    shown = shown_by(scope, context.services.settings)
    remembered = context.key_cache.remembered(shown)
    if remembered is not None:
        return remembered
    return await run_in_threadpool(check_credential, shown, address_of(scope["client"]), context)


def check_credential(shown: Credential | None, address: str, context: Context) -> Grant:
    """What this grants to who shows it from that address; Unauthorized, Busy after too many wrong keys."""
    who = f"wrong:{address}"
    if shown is not None and context.key_cache.is_own(shown) and not _guesses(who, context):
        return context.key_cache.remember_own(shown)
    try:
        return context.key_cache.check(shown, context.services.records)
    except Unauthorized:
        # A token that is over is no guess: browsers go on showing it, and nobody guesses 256 bits.
        if shown is not None and not shown.is_token:
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            check_origin(Headers(scope=scope), scope["method"], self._settings)
            is_open = is_public(scope["path"])
            grant = _open(scope) if is_open else await _granted(scope)
            allowance = None if is_open else await count(grant, scope)
            sending = send if allowance is None else _with_allowance(allowance, send)
            if allowance is not None and allowance.wait:
                await problem(too_often(allowance))(scope, receive, sending)
                return
        except SamespaceError as error:
            await problem(error)(scope, receive, send)
            return
        scope["samespace.grant"] = grant
        await self._app(scope, receive, sending)


def _open(scope: Scope) -> Grant:
    """Who may not be known must not take up room with bodies either."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if has_body(headers) and not (length.isdecimal() and int(length) <= _LARGEST_OPEN_BODY):
        raise TooLarge(f"a body sent to {scope['path']} has {_LARGEST_OPEN_BODY} bytes at most")
    return NO_GRANT


async def _granted(scope: Scope) -> Grant:
    grant = await who_asks(scope)
    if grant.by_cookie:
        check_page(Headers(scope=scope), scope["method"])
    return grant


async def count(grant: Grant, scope: Scope) -> Allowance | None:
    """Count a request of theirs; None where they may ask as often as they like."""
    context: Context = scope["app"].state.context
    limit = grant.rate or context.services.settings.rate
    if limit is None:
        return None
    is_nobody = grant.actor == OF_NOBODY.actor
    who = address_of(scope["client"]) if is_nobody else grant.actor
    return await run_in_threadpool(context.rates.take, f"asks:{who}", limit)


def _check_address(scope: Scope) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise InvalidRequest("the URL holds a NUL character, which no name has")


def too_often(allowance: Allowance) -> Busy:
    """What is said to who has used theirs up."""
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
