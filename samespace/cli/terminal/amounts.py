"""Amounts as people write them: `30d`, `10GB`."""

import re

import typer

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_FORM = re.compile(r"(?P<number>\d{1,15}(\.\d{1,6})?) ?(?P<unit>[A-Za-z]*)")


def seconds(text: str) -> float:
    """`90s`, `15m`, `1h`, `30d`, `2w` in seconds; a usage error."""
    return _amount(text, _SECONDS, "a time such as 15m, 1h or 30d")


def size(text: str) -> int:
    """`500MB`, `10GB`, `1GiB` in bytes; a usage error."""
    return int(_amount(text, _BYTES, "a size such as 500MB or 10GB"))


def _amount(text: str, units: dict[str, int], wanted: str) -> float:
    form = _FORM.fullmatch(text.strip())
    unit = form["unit"].lower() if form else None
    if form is None or unit not in units:
        raise typer.BadParameter(f"{text!r} is not {wanted}")
    return float(form["number"]) * units[unit]
