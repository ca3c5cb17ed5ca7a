"""The keys that are good: that of the settings, and those of the records, remembered for a while."""

import hashlib
import hmac
import threading
import time

from samespace.api.grants import OF_NOBODY, OF_SETTING, Grant, grant_of
from samespace.api.origin import is_loopback
from samespace.core.errors import Unauthorized
from samespace.core.settings import Settings
from samespace.store.records.keys import Key, Keys

REMEMBER_SECONDS = 5.0
_MOST_REMEMBERED = 1000


class KeyRing:
    """Knows whether keys are asked for and what each may do; what the records say is remembered for 5 seconds.

    So a key that was revoked, rotated or has expired stops within that time, in every process.
    """

    def __init__(self, settings: Settings) -> None:
        self._own = settings.api_key.get_secret_value().encode() if settings.api_key else None
        # Beyond loopback nothing is ever open, also when the last key is revoked.
        self._may_be_open = self._own is None and is_loopback(settings.host)
        self._lock = threading.Lock()
        self._good: dict[bytes, tuple[float, Grant]] = {}
        self._open_until = 0.0

    def remembered(self, text: str | None) -> Grant | None:
        """What this key, or none, is known to grant without asking the records."""
        now = time.monotonic()
        if self._may_be_open and self._open_until > now:
            return OF_NOBODY
        if text is None:
            return None
        until, grant = self._good.get(_digest(text), (0.0, None))
        return grant if until > now else None

    def is_own(self, text: str) -> bool:
        """Whether it is the key of the settings, compared in constant time."""
        return self._own is not None and hmac.compare_digest(self._own, text.encode())

    def remember_own(self, text: str) -> Grant:
        """What the key of the settings grants."""
        self._remember(_digest(text), OF_SETTING, REMEMBER_SECONDS)
        return OF_SETTING

    def check(self, text: str | None, keys: Keys) -> Grant:
        """What a key of the records grants, or none where none is configured; Unauthorized."""
        if self._may_be_open and not keys.count():
            self._open_until = time.monotonic() + REMEMBER_SECONDS
            return OF_NOBODY
        if text is None:
            raise Unauthorized("a key is needed: Authorization: Bearer <key>")
        key = keys.find(text)
        if key is None:
            raise Unauthorized("the key is not known: it is wrong, was revoked or has expired")
        grant = grant_of(key)
        self._remember(_digest(text), grant, _seconds_good(key))
        return grant

    def _remember(self, digest: bytes, grant: Grant, seconds: float) -> None:
        with self._lock:
            if len(self._good) >= _MOST_REMEMBERED:
                self._good.clear()
            self._good[digest] = (time.monotonic() + seconds, grant)


def _seconds_good(key: Key) -> float:
    """How long what was read of a key cannot change by itself."""
    now = time.time()
    ends = [end - now for end in (key.expires_at, key.previous_until) if end and end > now]
    return min([REMEMBER_SECONDS, *ends])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
