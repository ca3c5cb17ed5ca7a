"""The keys that are good: that of the settings, and those of the records, remembered for a while."""

import hmac
import threading
import time
from dataclasses import replace

from samespace.api.auth.credential import Credential
from samespace.api.auth.grants import OF_NOBODY, OF_SETTING, Grant, grant_of
from samespace.core.errors import Unauthorized
from samespace.core.hosts import is_loopback
from samespace.core.settings import Settings
from samespace.store.records import Records
from samespace.store.records.keys import Key

REMEMBER_SECONDS = 5.0
_MOST_REMEMBERED = 1000


class KeyCache:
    """Knows whether keys are asked for and what each may do; what the records say is remembered for 5 seconds.

    So a key that was revoked, rotated or has expired stops within that time, in every process; and so do the
    sessions that were begun with it.
    """

    def __init__(self, settings: Settings) -> None:
        self._own = settings.api_key.get_secret_value() if settings.api_key else None
        # Beyond loopback nothing is ever open, also when the last key is revoked.
        self._may_be_open = self._own is None and is_loopback(settings.host)
        self._lock = threading.Lock()
        self._good: dict[bytes, tuple[float, Grant]] = {}
        self._open_until = 0.0

    def remembered(self, shown: Credential | None) -> Grant | None:
        """What this key or session, or none, is known to grant without asking the records."""
        now = time.monotonic()
        if self._may_be_open and self._open_until > now:
            return OF_NOBODY
        if shown is None:
            return None
        until, grant = self._good.get(shown.digest, (0.0, None))
        return grant if until > now else None

    def is_own(self, shown: Credential | None) -> bool:
        """Whether it is the key of the settings, compared in constant time."""
        return (
            self._own is not None
            and shown is not None
            and not shown.is_token
            and hmac.compare_digest(self._own.encode(), shown.text.encode())
        )

    def remember_own(self, shown: Credential) -> Grant:
        """What the key of the settings grants."""
        return self._remember(shown, OF_SETTING, REMEMBER_SECONDS)

    def check(self, shown: Credential | None, records: Records) -> Grant:
        """What a key of the records or a session grants, or none where none is configured; Unauthorized."""
        if self._may_be_open and not records.keys.count():
            self._open_until = time.monotonic() + REMEMBER_SECONDS
            return OF_NOBODY
        if shown is None:
            raise Unauthorized("a key is needed: Authorization: Bearer <key>")
        if shown.is_token:
            return self._check_session(shown, records)
        key = records.keys.find(shown.text)
        if key is None:
            raise Unauthorized("the key is not known: it is wrong, was revoked or has expired")
        return self._remember(shown, grant_of(key), _seconds_good(_ends(key)))

    def still_grants(self, shown: Credential | None, grant: Grant, records: Records) -> bool:
        """Whether what was granted before is what would be granted now."""
        if shown is not None and self.is_own(shown):
            return grant == self.remember_own(shown)
        try:
            return grant == (self.remembered(shown) or self.check(shown, records))
        except Unauthorized:
            return False

    def forget(self, shown: Credential) -> None:
        """Ask the records about it again."""
        with self._lock:
            self._good.pop(shown.digest, None)

    def _check_session(self, shown: Credential, records: Records) -> Grant:
        session = records.sessions.find(shown.text, self._own)
        if session is None:
            raise Unauthorized("the session is over: sign in again")
        granted = OF_SETTING if session.key is None else grant_of(session.key)
        ends = [session.expires_at, *_ends(session.key)]
        return self._remember(shown, replace(granted, by_cookie=True), _seconds_good(ends))

    def _remember(self, shown: Credential, grant: Grant, seconds: float) -> Grant:
        with self._lock:
            if len(self._good) >= _MOST_REMEMBERED:
                self._good.clear()
            self._good[shown.digest] = (time.monotonic() + seconds, grant)
        return grant


def _ends(key: Key | None) -> list[float]:
    """When what was read of a key changes by itself."""
    ends = () if key is None else (key.expires_at, key.previous_until)
    return [end for end in ends if end]


def _seconds_good(ends: list[float]) -> float:
    now = time.time()
    return min([REMEMBER_SECONDS, *(end - now for end in ends if end > now)])
