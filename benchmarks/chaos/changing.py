"""Changing the model of the common collection while everything else goes on: built, swapped, gone back on, given up."""

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.chaos.http import Line, Reply
from benchmarks.chaos.ledger import Said

_FIRST = "starter"
_BACK_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Changing:
    """One collection, and the model that it is changed to from the one that it was made with."""

    path: str
    model: str
    line: Line

    def step(self, pick: float) -> Reply:
        """The next thing that a person could do, by what there is; `pick` in [0, 1) chooses among several."""
        reply = self.line.ask("GET", self.path, expected={200})
        if reply.said is not Said.YES:
            return reply
        change = reply.body["change"]
        if change is None:
            other = self.model if reply.body["preset"] == _FIRST else _FIRST
            return self._post("", {"model": other, "swap": pick < 0.5})
        if pick < 0.2:
            return self.line.ask("DELETE", self.path, expected={200, 404})
        return self._post("/back" if change["state"] == "swapped" else "/swap", {})

    def end(self) -> None:
        """Let searches ask again what the collection was made with, for what is asked at the end; RuntimeError if that
        takes too long."""
        deadline = time.monotonic() + _BACK_SECONDS
        while time.monotonic() < deadline:
            found = self.line.insist("GET", self.path, expected={200}).body
            change = found["change"]
            if found["preset"] == _FIRST and change is None:
                return
            self._towards_the_first(found["preset"], change)
            time.sleep(0.5)
        raise RuntimeError(f"{self.path} did not come back to {_FIRST} in {_BACK_SECONDS:.0f} s")

    def _towards_the_first(self, preset: str, change: Any) -> None:
        if preset == _FIRST:
            self.line.ask("DELETE", self.path, expected={200, 404})
        elif change is None:
            self._post("", {"model": _FIRST, "swap": True})
        elif change["model"] == _FIRST:
            self._post("/swap", {})
        elif change["waits_for"] is None:
            self._post("/back", {})

    def _post(self, verb: str, body: dict[str, Any]) -> Reply:
        # Another client may just have done it, or the opposite.
        return self.line.ask("POST", self.path + verb, expected={200, 202, 404, 409}, json=body)
