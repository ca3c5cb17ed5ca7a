"""Pages in words, for warnings."""

from collections.abc import Sequence
from itertools import pairwise

_MOST_NAMED = 10


def pages_named(numbers: Sequence[int]) -> str:
    """Such as "page 3" or "pages 1, 4 to 6 and 9"; of very many runs of pages the first are named."""
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    runs = _runs(sorted(numbers))
    named = [f"{first} to {last}" if last > first else f"{first}" for first, last in runs]
    if len(named) > _MOST_NAMED:
        return f"{len(numbers)} pages, {', '.join(named[:_MOST_NAMED])} and more,"
    return f"pages {' and '.join(part for part in (', '.join(named[:-1]), named[-1]) if part)}"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers without a gap."""
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after > before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after > before + 1), numbers[-1]]
    return list(zip(starts, ends, strict=True))
