"""Values as a person at a terminal reads them: times, and paths that fit."""

from datetime import UTC, datetime
from pathlib import Path

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def local(moment: str) -> str:
    """An ISO 8601 moment in the time of this machine, to the second."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def ago(moment: str) -> str:
    """How long ago a moment was, in its largest unit: `3 min`."""
    seconds = max((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds(), 0)
    name, size = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    return f"{seconds // size:.0f} {name}"


def near(path: str) -> str:
    """The path from the working folder if it lies there, from `~` if it lies at home; else as it is."""
    for place, sign in ((Path.cwd(), ""), (Path.home(), "~/")):
        prefix = f"{place}/"
        if path.startswith(prefix):
            return sign + path.removeprefix(prefix)
    return path


def fitted(text: str, room: int) -> str:
    """The text, its beginning left out where it has no room: of a path the end says most."""
    return text if len(text) <= room else "…" + text[len(text) - max(room - 1, 1) :]
