"""What an encoder does not read to the end, said in words."""

from collections.abc import Iterable

from samespace.core.asker import check_asker
from search.spaces import SpaceEncoder

# An answer to 10,000 long prompts is not to be as long as these.
MOST_NAMED = 10
_AT_A_TIME = 500


def cut_warnings(texts: Iterable[str], prompt: str, encoder: SpaceEncoder) -> list[str]:
    """A warning for each text that is longer than the encoder reads, the prompt before it included.

    Of the first MOST_NAMED of them; the others are counted. GivenUp, TooLate as the one who asked waits.
    """
    most = encoder.space.max_tokens
    # No tokenizer makes more tokens than bytes, so short texts need not be counted.
    long = [text for text in texts if len((prompt + text).encode("utf-8", "replace")) >= most // 2]
    counts: list[int] = []
    for start in range(0, len(long), _AT_A_TIME):
        check_asker()
        counts += encoder.count_tokens([prompt + text for text in long[start : start + _AT_A_TIME]])
    warnings = [
        f"{text[:40]!r}... has {count} tokens, space {encoder.space.name!r} reads the first {most}"
        for text, count in zip(long, counts, strict=True)
        if count > most
    ]
    if len(warnings) <= MOST_NAMED:
        return warnings
    more = len(warnings) - MOST_NAMED
    return [
        *warnings[:MOST_NAMED],
        f"{more} more are longer than space {encoder.space.name!r} reads",
    ]
