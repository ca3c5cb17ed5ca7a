"""What an encoder does not read to the end, said in words."""

from collections.abc import Iterable

from search.spaces import SpaceEncoder


def cut_warnings(texts: Iterable[str], prompt: str, encoder: SpaceEncoder) -> list[str]:
    """A warning for each text that is longer than the encoder reads, the prompt before it included."""
    most = encoder.space.max_tokens
    # No tokenizer makes more tokens than bytes, so short texts need not be counted.
    long = [text for text in texts if len((prompt + text).encode("utf-8", "replace")) >= most // 2]
    counts = encoder.count_tokens([prompt + text for text in long]) if long else []
    return [
        f"{text[:40]!r}... has {count} tokens, space {encoder.space.name!r} reads the first {most}"
        for text, count in zip(long, counts, strict=True)
        if count > most
    ]
