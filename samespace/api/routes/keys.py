"""Keys: made, listed, rotated, revoked. Nobody hands out more than they have."""

import time
from typing import Any

from fastapi import APIRouter

from samespace.api.auth.grants import check_covers
from samespace.api.context import Admin, Context
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import moment, moment_if
from samespace.api.schemas import keys as schemas
from samespace.api.schemas.base import Nothing
from samespace.store.records.keys import Key, new_key

router = APIRouter(prefix="/v1/keys", tags=["keys"], responses=PROBLEMS, dependencies=KEYED)


@router.get("", response_model=schemas.KeyList)
def list_keys(here: Admin) -> Any:
    """All keys, oldest first, without their secrets."""
    return {"keys": [_view(key, here) for key in here.services.records.keys.all()]}


@router.post("", status_code=201, response_model=schemas.ShownKey)
def create_key(body: schemas.NewKey, here: Admin) -> Any:
    """Make a key; its full text is in this answer and nowhere else."""
    wanted = new_key(
        body.name,
        body.scopes,
        collection_ids=_ids(body.collections, here),
        rate=body.rate,
        expires_at=None if body.expires_in is None else time.time() + body.expires_in,
    )
    check_covers(here.grant, wanted)
    text = here.services.records.keys.add(wanted)
    here.notes.update(subject=wanted.id, name=wanted.name, scopes=list(wanted.scopes))
    return schemas.ShownKey(**_view(wanted, here).model_dump(), key=text)


@router.get("/{key}", response_model=schemas.KeyView)
def get_key(key: str, here: Admin) -> Any:
    """One key."""
    return _view(here.services.records.keys.get(key), here)


@router.post("/{key}/rotate", response_model=schemas.ShownKey)
def rotate_key(key: str, body: schemas.Rotation, here: Admin) -> Any:
    """Give a key a new secret; the one before stops at once (within 5 seconds), or when its grace time ends."""
    check_covers(here.grant, here.services.records.keys.get(key))
    rotated, text = here.services.records.keys.rotate(key, body.grace)
    here.notes.update(name=rotated.name, grace=body.grace)
    return schemas.ShownKey(**_view(rotated, here).model_dump(), key=text)


@router.delete("/{key}", response_model=Nothing)
def revoke_key(key: str, here: Admin) -> Any:
    """Revoke a key; requests with it are refused from now on (within 5 seconds)."""
    here.services.records.keys.remove(key)
    return {}


def _ids(names: list[str] | None, here: Context) -> list[str] | None:
    return None if names is None else [here.collection(name).id for name in names]


def _view(key: Key, here: Context) -> schemas.KeyView:
    names = {one.id: one.name for one in here.collections()} if key.collection_ids else {}
    limited = (
        None
        if key.collection_ids is None
        else sorted(names[id] for id in key.collection_ids if id in names)
    )
    return schemas.KeyView(
        id=key.id,
        name=key.name,
        scopes=[str(scope) for scope in key.scopes],
        collections=limited,
        rate=key.rate,
        created_at=moment(key.created_at),
        expires_at=moment_if(key.expires_at),
        previous_until=moment_if(key.previous_until),
    )
