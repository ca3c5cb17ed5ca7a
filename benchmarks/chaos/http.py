"""Asking a server that may die at any moment, and telling an answer from a refusal and from silence."""

import time
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.chaos.ledger import Ledger, Said

_REFUSALS = {429, 503}
_TIMEOUT = httpx.Timeout(150.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and when the request began (`time.monotonic()`); status 0 where nothing did."""

    said: Said
    status: int
    body: Any
    began: float


class Line:
    """A connection to the API; every answer that is no answer, 5xx other than 503, is a wrong one."""

    def __init__(self, url: str, ledger: Ledger) -> None:
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT)
        self._ledger = ledger

    def ask(self, method: str, path: str, *, expected: set[int], **more: Any) -> Reply:
        """The reply; `acknowledged` for the statuses expected, `refused` for 429, 503 and no connection."""
        began = time.monotonic()
        try:
            response = self._http.request(method, path, **more)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Reply(Said.NO, 0, None, began)
        except httpx.TransportError:
            return Reply(Said.UNKNOWN, 0, None, began)
        status = response.status_code
        if status in expected:
            return Reply(Said.YES, status, response.json(), began)
        self._ledger.note(
            "refused", ask=f"{method} {path}", status=status, text=response.text[:300]
        )
        if status not in _REFUSALS:
            self._ledger.accuse(f"{method} {path} answered {status}: {response.text[:500]}")
        return Reply(
            Said.UNKNOWN if status >= 500 and status != 503 else Said.NO, status, None, began
        )

    def insist(
        self, method: str, path: str, *, expected: set[int], seconds: float = 180.0, **more: Any
    ) -> Reply:
        """Ask until it is answered; RuntimeError if it is not in that time."""
        deadline = time.monotonic() + seconds
        while True:
            reply = self.ask(method, path, expected=expected, **more)
            if reply.said is Said.YES:
                return reply
            if time.monotonic() > deadline:
                raise RuntimeError(f"{method} {path} was not answered within {seconds:.0f} s")
            time.sleep(0.5)

    def close(self) -> None:
        """Hang up."""
        self._http.close()
