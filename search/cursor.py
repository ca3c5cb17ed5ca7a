"""Paging without repeats or gaps: the ranking of a query is kept for a while, a cursor is a place in it."""

import hmac
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Protocol

import orjson
import redis

from samespace.core.errors import InvalidRequest, Unavailable
from search.background import Calibration
from search.rank import Ballot, merge
from search.trace import Gap

_ID_BYTES, _PLACE_BYTES, _MAC_BYTES = 16, 4, 16
_MOST_IN_MEMORY = 500
# Of what is kept: raised with every change of it, for cursors may come from the release before.
_FORM = 3
_REDIS_PREFIX = "samespace:ranking:"


class Snapshots(Protocol):
    """Bytes under an id, for a while."""

    def put(self, id: str, content: bytes, seconds: float) -> None:
        """Keep it; Unavailable."""

    def get(self, id: str) -> bytes | None:
        """What is kept, None once it has expired; Unavailable."""


class MemorySnapshots:
    """Snapshots of one process; past `most` the oldest go first."""

    def __init__(self, most: int = _MOST_IN_MEMORY) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def put(self, id: str, content: bytes, seconds: float) -> None:
        """Keep it."""
        with self._lock:
            self._kept[id] = (time.monotonic() + seconds, content)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, id: str) -> bytes | None:
        """What is kept, None once it has expired."""
        with self._lock:
            until, content = self._kept.get(id, (0.0, b""))
            if until > time.monotonic():
                return content
            self._kept.pop(id, None)
            return None


class RedisSnapshots:
    """Snapshots that every API process can continue."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def put(self, id: str, content: bytes, seconds: float) -> None:
        """Keep it; Unavailable."""
        try:
            self._client.set(_REDIS_PREFIX + id, content, px=max(1, int(1000 * seconds)))
        except redis.RedisError as error:
            raise Unavailable(f"Redis does not keep rankings for cursors: {error}") from error

    def get(self, id: str) -> bytes | None:
        """What is kept, None once it has expired; Unavailable."""
        try:
            content = self._client.get(_REDIS_PREFIX + id)
        except redis.RedisError as error:
            raise Unavailable(f"Redis does not answer for cursors: {error}") from error
        return content if isinstance(content, bytes) else None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranking of one query of one collection, as it is paged through: items by key, and why in this order.

    `truncated` where it ends at the candidate depth; `missing` names the spaces that took no part in it.
    """

    collection_id: str
    no_good_match: bool
    truncated: bool
    ballots: Sequence[Ballot]
    keys: Sequence[str]
    missing: Sequence[Gap] = ()


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Somewhere in a kept ranking; `secret` signs the cursors into it."""

    id: str
    secret: bytes
    position: int
    ranking: Ranking

    def cursor(self, position: int) -> str:
        """An opaque text for another position in the same ranking."""
        body = bytes.fromhex(self.id) + position.to_bytes(_PLACE_BYTES, "big")
        return urlsafe_b64encode(body + _mac(self.secret, body)).decode()


class Cursors:
    """Rankings kept for `seconds` from their query on; continuing one does not lengthen its time."""

    def __init__(self, snapshots: Snapshots, seconds: float, owner: str = "") -> None:
        self._snapshots = snapshots
        self._seconds = seconds
        self._owner = owner

    def of(self, owner: str) -> "Cursors":
        """The cursors of one who asks: those of others are not known to them."""
        return Cursors(self._snapshots, self._seconds, owner)

    def keep(self, ranking: Ranking) -> Bookmark:
        """Keep a ranking for its cursors; Unavailable."""
        bookmark = Bookmark(
            secrets.token_hex(_ID_BYTES), secrets.token_bytes(_MAC_BYTES), 0, ranking
        )
        content = orjson.dumps({**_kept(bookmark), "owner": self._owner})
        self._snapshots.put(bookmark.id, content, self._seconds)
        return bookmark

    def find(self, cursor: str, collection_id: str) -> Bookmark:
        """Where a cursor points; InvalidRequest if it is none of ours, of another collection, or expired.

        A cursor of somebody else looks like one that has expired.
        """
        body, mac = _split(cursor)
        id = body[:_ID_BYTES].hex()
        content = self._snapshots.get(id)
        kept: dict[str, Any] = {"form": _FORM} if content is None else orjson.loads(content)
        if kept.get("form") != _FORM:
            raise InvalidRequest("the cursor is of another release of this server; ask again")
        if kept.get("owner") != self._owner:
            raise InvalidRequest(
                f"the cursor has expired, it can be continued for {self._seconds:g} seconds "
                "(SAMESPACE_CURSOR_SECONDS); ask the query again"
            )
        secret = bytes.fromhex(kept["secret"])
        if not hmac.compare_digest(mac, _mac(secret, body)):
            raise InvalidRequest("the cursor was not made by this server")
        if kept["collection_id"] != collection_id:
            raise InvalidRequest("the cursor belongs to another collection")
        return Bookmark(id, secret, int.from_bytes(body[_ID_BYTES:], "big"), _ranking(kept))


def _split(cursor: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii"))
    except (ValueError, UnicodeEncodeError):
        raw = b""
    if len(raw) != _ID_BYTES + _PLACE_BYTES + _MAC_BYTES:
        raise InvalidRequest("the cursor was not made by this server")
    return raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, body, "sha256")[:_MAC_BYTES]


def _kept(bookmark: Bookmark) -> dict[str, Any]:
    ranking = bookmark.ranking
    return {
        "form": _FORM,
        "secret": bookmark.secret.hex(),
        "collection_id": ranking.collection_id,
        "no_good_match": ranking.no_good_match,
        "truncated": ranking.truncated,
        "total": len(ranking.keys),
        "ballots": [
            (each.space, astuple(each.calibration), each.share, each.keys, each.cosines)
            for each in ranking.ballots
        ],
        "missing": [(gap.space, gap.reason) for gap in ranking.missing],
    }


def _ranking(kept: Mapping[str, Any]) -> Ranking:
    ballots = [
        Ballot(space, Calibration(*calibration), *rest)
        for space, calibration, *rest in kept["ballots"]
    ]
    # Merging the same ballots again is cheaper than keeping what came of it.
    keys = merge(ballots, kept["total"])
    missing = [Gap(*gap) for gap in kept["missing"]]
    return Ranking(
        kept["collection_id"], kept["no_good_match"], kept["truncated"], ballots, keys, missing
    )
