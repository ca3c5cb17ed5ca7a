"""Sessions of browsers in the records: each bound to the secret it was begun with, of which it keeps no trace."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import NotFound
from samespace.store.records.keys import Key, good_hashes, hash_of, key_of
from samespace.store.records.tables import keys, sessions
from samespace.store.sql import reading, writing

MOST_OF_A_KEY = 100


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on, and the key it was begun with as it is now; None: the key of the settings."""

    key: Key | None
    expires_at: float


class Sessions:
    """Begun, found, ended, forgotten when over. A token is 256 random bits, kept as a hash."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, text: str, key_id: str | None, expires_at: float) -> str:
        """A session for who showed this key, which was found good; answers its token, this once.

        A key, that of the settings (None) too, has `MOST_OF_A_KEY` of them at most: the oldest ends for a
        newer one. NotFound if the key was revoked meanwhile.
        """
        token = secrets.token_urlsafe(32)
        row = {
            "token_hash": _hash(token),
            "key_id": key_id,
            "proof": _proof(token, text if key_id is None else hash_of(text)),
            "created_at": time.time(),
            "expires_at": expires_at,
        }
        with writing(self._engine) as connection:
            _make_room(connection, sessions.c.key_id == key_id)
            try:
                connection.execute(insert(sessions).values(row))
            except IntegrityError as error:
                raise NotFound(f"there is no key {key_id!r}") from error
        return token

    def find(self, token: str, own: str | None) -> Session | None:
        """The session of this token; None where there is none, or it or the secret it was begun with is over.

        `own` is the key of the settings, if there is one.
        """
        now = time.time()
        with reading(self._engine) as connection:
            row = _row(connection, sessions.c.token_hash == _hash(token))
            if row is None or row["expires_at"] <= now:
                return None
            if row["key_id"] is None:
                bound = own is not None and _is_bound(row, token, own)
                return Session(None, row["expires_at"]) if bound else None
            query = select(keys).where(keys.c.id == row["key_id"])
            key = connection.execute(query).mappings().first()
        good = [] if key is None else good_hashes(key, now)
        bound = any(_is_bound(row, token, secret) for secret in good)
        return Session(key_of(key), row["expires_at"]) if bound else None

    def end(self, token: str) -> None:
        """Let it be over; one that is over stays so."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))

    def prune(self) -> int:
        """Forget those that are over; answers how many that was."""
        with writing(self._engine) as connection:
            over = delete(sessions).where(sessions.c.expires_at <= time.time())
            return connection.execute(over).rowcount


def _make_room(connection: Connection, of_the_key: ColumnElement[bool]) -> None:
    newest_first = select(sessions.c.token_hash).where(of_the_key)
    newest_first = newest_first.order_by(sessions.c.created_at.desc())
    too_many = newest_first.offset(MOST_OF_A_KEY - 1)
    connection.execute(delete(sessions).where(sessions.c.token_hash.in_(too_many)))


def _row(connection: Connection, which: ColumnElement[bool]) -> Any:
    return connection.execute(select(sessions).where(which)).mappings().first()


def _is_bound(row: Any, token: str, secret: str) -> bool:
    return hmac.compare_digest(row["proof"] or "", _proof(token, secret))


def _proof(token: str, secret: str) -> str:
    """Says that who has the token had the secret; without the token, which is not kept, it cannot be guessed from."""
    return hmac.new(token.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
