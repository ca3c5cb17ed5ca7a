"""API keys in the records: a public id, a secret of which only the hash is kept, and what the key may do."""

import hashlib
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update

from samespace.core.errors import InvalidRequest, NotFound
from samespace.store.records.tables import keys
from samespace.store.sql import reading, writing

_FORM = re.compile(r"ss_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_LONGEST_NAME = 100
_HASH_OF_NOTHING = "0" * 64


class Scope(StrEnum):
    """What a key may do; each contains those before it, as GitHub's scopes do."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it can be shown; `collection_ids` None means all, `rate` counts requests a minute."""

    id: str
    name: str
    created_at: float
    scopes: tuple[Scope, ...]
    collection_ids: tuple[str, ...] | None
    rate: int | None
    expires_at: float | None
    previous_until: float | None


def parse_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """These scopes and those they contain; InvalidRequest for none and for one that is not known."""
    wanted = list(names)
    for name in wanted:
        if name not in set(Scope):
            known = ", ".join(Scope)
            raise InvalidRequest(f"scope {name[:80]!r} is not known; known are {known}")
    if not wanted:
        raise InvalidRequest("a key needs a scope: read, write or admin")
    order = list(Scope)
    return tuple(order[: 1 + max(order.index(Scope(name)) for name in wanted)])


def new_key(
    name: str,
    scopes: Iterable[str] = (Scope.WRITE,),
    *,
    collection_ids: Iterable[str] | None = None,
    rate: int | None = None,
    expires_at: float | None = None,
) -> Key:
    """A key that is not kept yet; InvalidRequest for a name, a limit or a time that no key can have."""
    key = Key(
        id=secrets.token_hex(6),
        name=name,
        created_at=time.time(),
        scopes=parse_scopes(scopes),
        collection_ids=None if collection_ids is None else tuple(dict.fromkeys(collection_ids)),
        rate=rate,
        expires_at=expires_at,
        previous_until=None,
    )
    _check(key)
    return key


class Keys:
    """Made, listed, checked, rotated, removed. A key reads `ss_<id>_<secret>`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, name: str, scopes: Iterable[str] = (Scope.WRITE,), **limits: Any
    ) -> tuple[Key, str]:
        """`new_key` and `add` in one."""
        key = new_key(name, scopes, **limits)
        return key, self.add(key)

    def add(self, key: Key) -> str:
        """Keep a new key; answers, this once, its full text."""
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            connection.execute(insert(keys).values({**_row(key), "secret_hash": _hash(secret)}))
        return _text(key.id, secret)

    def all(self) -> list[Key]:
        """All keys, oldest first."""
        query = select(keys).order_by(keys.c.created_at, keys.c.id)
        with reading(self._engine) as connection:
            return [key_of(row) for row in connection.execute(query).mappings()]

    def get(self, id: str) -> Key:
        """One key; NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(keys).where(keys.c.id == id)).mappings().first()
        if row is None:
            raise NotFound(f"there is no key {id[:80]!r}")
        return key_of(row)

    def rotate(self, id: str, grace: float = 0.0) -> tuple[Key, str]:
        """A new secret at once; the one before goes on for `grace` seconds. NotFound, InvalidRequest."""
        if not 0 <= grace < float("inf"):
            raise InvalidRequest(f"the grace time is {grace} seconds; it cannot be negative")
        secret = secrets.token_urlsafe(32)
        change = update(keys).where(keys.c.id == id).returning(keys)
        change = change.values(
            previous_hash=keys.c.secret_hash if grace else None,
            previous_until=time.time() + grace if grace else None,
            secret_hash=_hash(secret),
        )
        with writing(self._engine) as connection:
            row = connection.execute(change).mappings().first()
        if row is None:
            raise NotFound(f"there is no key {id[:80]!r}")
        return key_of(row), _text(id, secret)

    def remove(self, id: str) -> None:
        """Revoke; NotFound."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(keys).where(keys.c.id == id)).rowcount
        if not gone:
            raise NotFound(f"there is no key {id[:80]!r}")

    def count(self) -> int:
        """How many there are, those that have expired among them."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(keys)).scalar_one()

    def find(self, text: str) -> Key | None:
        """The key with this full text; None where there is none, or it has expired.

        The same work is done for an id that does not exist, and secrets are compared in constant time.
        """
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        with reading(self._engine) as connection:
            query = select(keys).where(keys.c.id == form["id"])
            row = connection.execute(query).mappings().first()
        is_good = _is_secret_of(row, _hash(form["secret"]), time.time())
        return key_of(row) if row is not None and is_good else None


def hash_of(text: str) -> str:
    """The hash under which the secret of a key is kept; `text` reads as a key does."""
    return _hash(text.split("_", 2)[2])


def good_hashes(row: Any, now: float) -> list[str]:
    """Those of the secrets of a key, as the table has it, that open now."""
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return []
    has_previous = row["previous_hash"] and now < (row["previous_until"] or 0.0)
    return [row["secret_hash"], *([row["previous_hash"]] if has_previous else [])]


def _is_secret_of(row: Any, offered: str, now: float) -> bool:
    current = previous = _HASH_OF_NOTHING
    until = 0.0
    if row is not None:
        current, previous = row["secret_hash"], row["previous_hash"] or _HASH_OF_NOTHING
        until = row["previous_until"] or 0.0
    is_current = secrets.compare_digest(current, offered)
    is_previous = secrets.compare_digest(previous, offered) and now < until
    has_expired = row is not None and row["expires_at"] is not None and row["expires_at"] <= now
    return (is_current or is_previous) and not has_expired


def _check(key: Key) -> None:
    if not key.name.strip() or len(key.name) > _LONGEST_NAME or "\0" in key.name:
        raise InvalidRequest(
            f"the name of a key has 1 to {_LONGEST_NAME} characters, this one {len(key.name)}"
        )
    if key.collection_ids is not None and not key.collection_ids:
        raise InvalidRequest(f"key {key.name!r} is limited to collections, but to none")
    if key.collection_ids is not None and Scope.ADMIN in key.scopes:
        raise InvalidRequest("scope admin is for the whole server, not for some collections")
    if key.rate is not None and not 1 <= key.rate < 2**31:
        raise InvalidRequest(f"the rate of a key is {key.rate} requests a minute; at least 1")
    if key.expires_at is not None and not key.created_at < key.expires_at < float("inf"):
        raise InvalidRequest("the time at which a key expires has to be still to come")


def _row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "created_at": key.created_at,
        "scopes": list(key.scopes),
        "collection_ids": None if key.collection_ids is None else list(key.collection_ids),
        "rate": key.rate,
        "expires_at": key.expires_at,
    }


def key_of(row: Any) -> Key:
    """A key out of a row of its table."""
    ids = row["collection_ids"]
    return Key(
        id=row["id"],
        name=row["name"],
        created_at=row["created_at"],
        scopes=tuple(scope for scope in Scope if scope in row["scopes"]),
        collection_ids=None if ids is None else tuple(ids),
        rate=row["rate"],
        expires_at=row["expires_at"],
        previous_until=row["previous_until"],
    )


def _text(id: str, secret: str) -> str:
    return f"ss_{id}_{secret}"


def _hash(secret: str) -> str:
    # A high-entropy secret needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
