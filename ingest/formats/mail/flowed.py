"""Text with soft line breaks (RFC 3676): a space at the end of a line says that its paragraph goes on."""

_SIGNATURE = "-- "


def flowed(text: str, *, joins_words: bool) -> str:
    """The text with a line for each paragraph; `joins_words` where the space itself is none of the text's."""
    lines: list[list[str]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        is_soft = words.endswith(" ") and words != _SIGNATURE
        piece = words[:-1] if is_soft and joins_words else words
        if open_depth == depth and words != _SIGNATURE:
            lines[-1].append(piece)
        else:
            lines.append([f"{'>' * depth} " if depth else "", piece])
        open_depth = depth if is_soft else None
    return "\n".join("".join(pieces).rstrip() for pieces in lines)
