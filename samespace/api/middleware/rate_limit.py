"""Rates of requests, counted in Redis so that all API processes share them."""

import ipaddress
import logging
import time
from dataclasses import dataclass
from functools import lru_cache

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_PREFIX = "samespace:rate:"
_WINDOW_MS = 60_000
_PAUSE_SECONDS = 5.0
_MOST_NAMED = 1024
# The generic cell rate algorithm (ITU-T I.371): what is kept is the moment at which everything taken so far will have
# been earned. It counts a sliding minute, exactly, in one number. ARGV: requests a minute, 60000, how many are taken.
# Answers: milliseconds to wait (0: taken), how many are left, milliseconds until all are back.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local step = ARGV[2] / ARGV[1]
local earned = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local wait = earned + step - ARGV[2] - now
if wait >= 1 then
    return {math.ceil(wait), 0, math.ceil(earned - now)}
end
if ARGV[3] ~= '0' then
    earned = earned + step
    redis.call('SET', KEYS[1], string.format('%.3f', earned), 'PX', math.ceil(earned - now))
end
return {0, math.max(0, math.floor((ARGV[2] - earned + now) / step + 0.01)), math.ceil(earned - now)}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute's requests; `wait` is 0 for a request that may pass. Times in seconds."""

    limit: int
    left: int
    wait: float
    full_in: float


class Rates:
    """Who has asked how often. While Redis does not answer, everybody may ask: None is the answer."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(_TAKE)
        self._asks_again = 0.0
        self._has_failed = False

    def take(self, who: str, limit: int) -> Allowance | None:
        """Count one request of theirs, if it may pass."""
        return self._ask(who, limit, 1)

    def look(self, who: str, limit: int) -> Allowance | None:
        """Whether a request of theirs might pass; counts nothing."""
        return self._ask(who, limit, 0)

    def _ask(self, who: str, limit: int, count: int) -> Allowance | None:
        if time.monotonic() < self._asks_again:
            return None
        try:
            wait, left, full = self._script(keys=[_PREFIX + who], args=[limit, _WINDOW_MS, count])
        except RedisError as error:
            self._give_up(error)
            return None
        self._has_failed = False
        return Allowance(limit, left, wait / 1000, full / 1000)

    def _give_up(self, error: RedisError) -> None:
        """A Redis that hangs must not hold up each request: it is left alone for a while."""
        self._asks_again = time.monotonic() + _PAUSE_SECONDS
        if not self._has_failed:
            log.warning("rates are not limited while Redis does not answer: %s", error)
        self._has_failed = True


def address_of(client: tuple[str, int] | None) -> str:
    """The name under which an address is counted: that of its /64 for IPv6, where one host has so many."""
    return _named(client[0] if client else "")


@lru_cache(_MOST_NAMED)
def _named(host: str) -> str:
    """Remembered, for every request asks for it three times."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
