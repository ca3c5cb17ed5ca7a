"""Sessions: a browser exchanges a key for a cookie, since pictures and event streams cannot show a key."""

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from samespace.api.auth.credential import Credential, is_over_tls, set_cookie, token_of
from samespace.api.auth.grants import NO_GRANT, OF_NOBODY, OF_SETTING, Grant
from samespace.api.auth.guard import check_credential, count, too_often, who_asks
from samespace.api.context import SESSION, Context, Here
from samespace.api.middleware.origin import check_page
from samespace.api.middleware.rate_limit import address_of
from samespace.api.openapi import PROBLEMS
from samespace.api.schemas import session as schemas
from samespace.core.errors import Conflict, Unauthorized
from samespace.store.records.keys import Scope

router = APIRouter(prefix=SESSION, tags=["keys"], responses=PROBLEMS)

_DAY = 86_400.0


@router.get("", response_model=schemas.SessionView)
async def get_session(request: Request) -> Any:
    """Who the one who asks is, and what they may do."""
    try:
        grant = await who_asks(request.scope)
    except Unauthorized:
        grant = NO_GRANT
    return {
        "signed_in": grant.by_cookie,
        "actor": None if grant == NO_GRANT else grant.actor,
        "scopes": [scope for scope in Scope if scope in grant.scopes],
        "limited": grant.is_limited,
    }


@router.post("", status_code=204, response_class=Response)
async def sign_in(body: schemas.SignIn, request: Request, here: Here) -> Response:
    """Begin a session that may do what its key may, for as long as that goes on, or `SAMESPACE_SESSION_DAYS`."""
    check_page(request.headers, request.method)
    shown, address = Credential(body.key), address_of(request.scope["client"])
    grant = await run_in_threadpool(check_credential, shown, address, here)
    if grant == OF_NOBODY:
        raise Conflict("no key is asked for here, so there is nothing to sign in to")
    allowance = await count(grant, request.scope)
    if allowance is not None and allowance.wait:
        raise too_often(allowance)
    return await run_in_threadpool(_begin, shown, grant, request, here)


@router.delete("", status_code=204, response_class=Response)
async def sign_out(request: Request, here: Here) -> Response:
    """End the session of this browser; where there is none, nothing is to be done."""
    check_page(request.headers, request.method)
    answer = Response(status_code=204)
    token = token_of(request.scope, here.services.settings)
    if token is not None:
        await run_in_threadpool(_end, token, here)
        set_cookie(answer, "", request.scope, here.services.settings, 0)
        if is_over_tls(request.scope, here.services.settings):
            # The pictures that may be kept are no longer this browser's; elsewhere it would not listen.
            answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _begin(shown: Credential, grant: Grant, request: Request, here: Context) -> Response:
    now = time.time()
    until = min(now + here.services.settings.session_days * _DAY, grant.expires_at or float("inf"))
    key_id = None if grant == OF_SETTING else grant.actor
    replaced = token_of(request.scope, here.services.settings)
    if replaced is not None:
        _end(replaced, here)
    token = here.services.records.sessions.begin(shown.text, key_id, until)
    here.services.records.audit.add(grant.actor, sign_in.__name__)
    answer = Response(status_code=204)
    set_cookie(answer, token, request.scope, here.services.settings, until - now)
    return answer


def _end(token: Credential, here: Context) -> None:
    try:
        actor = here.key_cache.check(token, here.services.records).actor
    except Unauthorized:
        return
    here.services.records.sessions.end(token.text)
    here.key_cache.forget(token)
    here.services.records.audit.add(actor, sign_out.__name__)
