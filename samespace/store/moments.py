"""Dates in texts as moments that can be compared: ISO 8601, with or without a time, with or without an offset."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

# Months and days of one digit are what people type; nothing else is taken that could be another number.
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"[ ]?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?)?",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 48
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Span:
    """From when (seconds since the epoch) to when: a date alone is its whole day in UTC, a time is one moment."""

    start: float
    end: float

    @property
    def is_moment(self) -> bool:
        """Whether it is of no length."""
        return self.start == self.end


def span_of(text: str) -> Span | None:
    """What a text says if it is a date or a date with a time; None for any other text.

    A time without an offset is in UTC.
    """
    found = _DATE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        day_of = datetime(int(year), int(month), int(day), tzinfo=zone)
        whole = day_of.replace(
            hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0)
        )
    except ValueError:
        return None
    micros = int((fraction or "").ljust(6, "0")[:6])
    start = ((whole - _EPOCH) // _MICROSECOND + micros) / 1e6
    return Span(start, start + _DAY if hour is None else start)
