"""Times and sizes as people write them."""

import pytest
import typer

from samespace.cli.terminal.amounts import seconds, size


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("90s", 90),
        ("15m", 900),
        ("15 min", 900),
        ("1.5h", 5400),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
    ],
)
def test_times(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [("12", 12), ("0", 0), ("500MB", 500_000_000), ("1.5 GiB", 1_610_612_736)]
)
def test_sizes(text: str, wanted: int) -> None:
    assert size(text) == wanted


@pytest.mark.parametrize("text", ["", "d", "-1d", "1y", "1e9s", "ten", "1d2h", "1" * 40 + "s"])
def test_what_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a"):
        seconds(text)
