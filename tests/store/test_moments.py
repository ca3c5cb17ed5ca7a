"""Dates in texts: which texts are dates, and when they are."""

from datetime import UTC, datetime

import pytest

from samespace.store.moments import span_of

DAY = 86_400.0


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2024-05-02T08:15:30Z", at(2024, 5, 2, 8, 15, 30)),
        ("2024-05-02T08:15Z", at(2024, 5, 2, 8, 15)),
        ("2024-05-02t08:15z", at(2024, 5, 2, 8, 15)),
        ("2024-05-02 08:15", at(2024, 5, 2, 8, 15)),
        ("2024-05-02T10:15+02:00", at(2024, 5, 2, 8, 15)),
        ("2024-05-02T10:15+0200", at(2024, 5, 2, 8, 15)),
        ("2024-05-02 10:15 +02", at(2024, 5, 2, 8, 15)),
        ("2024-05-02T00:15-08:30", at(2024, 5, 2, 8, 45)),
        ("2024-5-2T08:15:30.5Z", at(2024, 5, 2, 8, 15, 30, 500_000)),
        ("2024-05-02T08:15:30,123456789Z", at(2024, 5, 2, 8, 15, 30, 123_456)),
        ("1969-12-31T23:59:59.5Z", -0.5),
        ("0001-01-01T00:00+14:00", at(1, 1, 1) - 14 * 3600),
        ("9999-12-31T23:59-14:00", at(9999, 12, 31, 23, 59) + 14 * 3600),
    ],
)
def test_a_time_is_one_moment(text: str, start: float) -> None:
    span = span_of(text)
    assert span is not None
    assert (span.start, span.is_moment) == (start, True)


@pytest.mark.parametrize("text", ["2024-05-02", "2024-5-2", " 2024-05-02 ", "2024-05-2"])
def test_a_date_alone_is_its_whole_day(text: str) -> None:
    span = span_of(text)
    assert span is not None
    assert (span.start, span.end, span.is_moment) == (at(2024, 5, 2), at(2024, 5, 3), False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "2024-05",
        "20240502",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "0000-01-01",
        "24-05-02",
        "2024/05/02",
        "02.05.2024",
        "2024-05-02T",
        "2024-05-02T8:15",
        "2024-05-02T25:00",
        "2024-05-02T08:15+25:00",
        "2024-05-02T08:15 Europe/Oslo",
        "2024-05-02 and more",
        "\u0662\u0660\u0662\u0664-\u0660\u0665-\u0660\u0662",
        "12024-05-02",
        "2024-05-02T08:15:30.1234567890Z",
        "2024-05-02" + " " * 100,
    ],
)
def test_other_texts_are_no_dates(text: str) -> None:
    assert span_of(text) is None
