"""Lines of text put together piece by piece, with white space closed up or as it was written."""

_SOFT_HYPHEN = "\xad"
_NO_BREAK = "\xa0"


class Lines:
    """Takes pieces in their order; blank lines are kept between lines that are as they were written."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank = 0
        self._is_fresh = False

    def words(self, text: str) -> None:
        """A piece in which white space only divides words."""
        text = text.replace(_SOFT_HYPHEN, "")
        if not text:
            return
        words = " ".join(text.split())
        starts = text[0].isspace() and self._line and not self._line[-1].endswith(" ")
        ends = words and text[-1].isspace()
        piece = f"{' ' if starts else ''}{words}{' ' if ends else ''}"
        if piece:
            self._line.append(piece)

    def begin_as_written(self) -> None:
        """What follows is a listing: a line break right at its start is no blank line."""
        self._blank = 0
        self._is_fresh = True

    def as_written(self, text: str) -> None:
        """A piece in which every space and line break counts."""
        text = text.replace(_SOFT_HYPHEN, "").replace(_NO_BREAK, " ")
        for number, line in enumerate(text.split("\n")):
            if number:
                self.end(keep=True)
            if line:
                self._line.append(line)

    def end(self, *, keep: bool = False) -> None:
        """End the line, if anything stands on it; `keep`: a blank one counts too, if another line follows."""
        line = "".join(self._line).rstrip()
        self._line = []
        if line.strip():
            if not self._is_fresh:
                self._lines.extend([""] * self._blank)
            self._lines.append(line)
        if line.strip() or not keep:
            self._blank, self._is_fresh = 0, self._is_fresh and not line.strip()
        else:
            self._blank += 1

    def all(self) -> list[str]:
        """The lines, when everything was given."""
        self.end()
        return self._lines
