"""Marks in the data folder: whether the stack that ran on it stopped cleanly, and whether a verify is owed."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Marks:
    """`<data>/run/{open,unverified}`: files that are there or not, so that a kill at any moment leaves a true word."""

    data: Path

    def opened(self) -> bool:
        """Say that a stack starts; False if the last one did not stop cleanly, and then a verify is owed."""
        was_clean = not self._open.exists()
        if not was_clean:
            self.owe_verify()
        self._open.parent.mkdir(parents=True, exist_ok=True)
        self._open.touch()
        return was_clean

    def closed(self) -> None:
        """Say that all parts of the stack have stopped cleanly."""
        self._open.unlink(missing_ok=True)

    def owe_verify(self) -> None:
        """Ask whichever worker sees it first for a verify that repairs."""
        self._unverified.parent.mkdir(parents=True, exist_ok=True)
        self._unverified.write_text(f"{time.time_ns()}\n")

    def owed(self) -> str | None:
        """What a verify that begins now settles, for `verified`; None if none is owed."""
        try:
            return self._unverified.read_text()
        except FileNotFoundError:
            return None

    def verified(self, owed: str) -> None:
        """Say that it is done, unless another fault came while it ran."""
        if self.owed() == owed:
            self._unverified.unlink(missing_ok=True)

    @property
    def _open(self) -> Path:
        return self.data / "run" / "open"

    @property
    def _unverified(self) -> Path:
        return self.data / "run" / "unverified"
