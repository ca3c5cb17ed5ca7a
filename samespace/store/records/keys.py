"""API keys in the records: a public id and a secret of which only the hash is kept."""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from samespace.core.errors import NotFound
from samespace.store.records.tables import keys
from samespace.store.sql import reading, writing

_FORM = re.compile(r"ss_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it can be shown."""

    id: str
    name: str
    created_at: float


class Keys:
    """Made, listed, checked, removed. A key reads `ss_<id>_<secret>`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str) -> tuple[Key, str]:
        """A new key and, this once, its full text."""
        key = Key(id=secrets.token_hex(6), name=name, created_at=time.time())
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            connection.execute(
                insert(keys).values(
                    id=key.id, name=name, created_at=key.created_at, secret_hash=_hash(secret)
                )
            )
        return key, f"ss_{key.id}_{secret}"

    def all(self) -> list[Key]:
        """All keys, oldest first."""
        query = select(keys.c.id, keys.c.name, keys.c.created_at).order_by(keys.c.created_at)
        with reading(self._engine) as connection:
            return [Key(**row) for row in connection.execute(query).mappings()]

    def remove(self, id: str) -> None:
        """Revoke; NotFound."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(keys).where(keys.c.id == id)).rowcount
        if not gone:
            raise NotFound(f"there is no key {id!r}")

    def count(self) -> int:
        """How many there are."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(keys)).scalar_one()

    def accepts(self, text: str) -> bool:
        """Whether this is the full text of a key, compared in constant time."""
        key = _FORM.fullmatch(text)
        if key is None:
            return False
        query = select(keys.c.secret_hash).where(keys.c.id == key["id"])
        with reading(self._engine) as connection:
            expected = connection.execute(query).scalar_one_or_none()
        return expected is not None and secrets.compare_digest(expected, _hash(key["secret"]))


def _hash(secret: str) -> str:
    # A high-entropy secret needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
