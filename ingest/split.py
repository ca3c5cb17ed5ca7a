"""Cut a text into passages that an encoder takes whole."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from semantic_text_splitter import MarkdownSplitter, TextSplitter
from tokenizers import Tokenizer

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_UNIT = re.compile(rf"[{_CJK}]|[^\W{_CJK}]{{1,16}}|\S|\s{{32}}")
"""What tokens are counted by: a letter of a script without spaces, a word, 16 letters of a long one,
a sign, or a long run of white space, so that a passage is bounded in characters too."""
_RUN = re.compile(r"[^\s.!?\u3002\uff01\uff0e\uff1f]{1,4096}+")
_LONGEST_RUN = 4096
"""Characters; the library takes quadratic time on text without a space or the end of a sentence."""
_WINDOW = 32 * 1024
"""Characters that are cut in one go."""
_LARGEST_WINDOW = 32
"""Of Markdown, in windows; where one block is longer than that, it is cut within."""
_UNSURE = 3
"""The last chunks of a window may be others than those of the whole text."""
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_WITHIN = re.compile(r"[ \t>]|[-+*] |[0-9]{1,9}[.)] ")
"""How a line begins that may belong to a block before it: an item of a list, a quotation, code."""
_MOST_UNITS = 200_000
"""Units whose token count is remembered; about 20 MB."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text: `text == whole[start:end]`, without white space at its ends."""

    text: str
    start: int
    end: int


class Splitter:
    """Cuts at the largest unit of meaning that fits (headings, paragraphs, sentences, words).

    `tokenizer_json` is the encoder's tokenizer as Hugging Face JSON, `max_tokens` its limit, special
    tokens included (a prompt has to be taken off by the caller), `overlap_tokens` what two
    neighbours share at most, `window` how many characters are cut in one go. The method is that of the
    library semantic-text-splitter.
    """

    def __init__(
        self, tokenizer_json: str, max_tokens: int, overlap_tokens: int, window: int = _WINDOW
    ) -> None:
        self._window = window
        self._tokenizer = Tokenizer.from_str(tokenizer_json)
        self._tokenizer.no_truncation()  # as shipped it may cut or pad, and every count would be wrong
        self._tokenizer.no_padding()
        self._capacity = max_tokens - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        overlap = min(overlap_tokens, self._capacity - 1)
        self._fast = tuple(
            kind.from_callback(self._estimate, self._capacity, overlap=overlap)
            for kind in (TextSplitter, MarkdownSplitter)
        )
        self._exact = TextSplitter.from_huggingface_tokenizer(self._tokenizer, self._capacity)
        self._known: dict[str, int] = {}

    def split(
        self, text: str, *, markdown: bool = False, check: Callable[[], None] = lambda: None
    ) -> list[Passage]:
        """Passages in order; together they cover every character that is not white space.

        `check` is called every few thousand words; what it raises ends the cutting.
        """
        passages: list[Passage] = []
        for chunks in self._chunks(text, markdown=markdown):
            if passages:
                check()
            for (start, chunk), tokens in zip(chunks, self._count(chunks), strict=True):
                if tokens <= self._capacity:
                    passages.append(Passage(chunk, start, start + len(chunk)))
                else:
                    passages.extend(self._split_exactly(chunk, start))
        return [trimmed for passage in passages if (trimmed := _trim(passage)).text]

    def _chunks(self, text: str, *, markdown: bool) -> Iterator[list[tuple[int, str]]]:
        for start, block in _blocks(text):
            for some in _windowed(block, self._fast[markdown], self._window, markdown=markdown):
                yield [(start + offset, chunk) for offset, chunk in some]

    def _split_exactly(self, chunk: str, offset: int) -> list[Passage]:
        return [
            Passage(piece, offset + start, offset + start + len(piece))
            for start, piece in self._exact.chunk_indices(chunk)
        ]

    def _count(self, chunks: list[tuple[int, str]]) -> list[int]:
        if len(chunks) == 1:  # threads for one short text cost ten times what it does
            return [len(self._tokenizer.encode(chunks[0][1], add_special_tokens=False))]
        encoded = self._tokenizer.encode_batch(
            [chunk for _, chunk in chunks], add_special_tokens=False
        )
        return [len(encoding) for encoding in encoded]

    def _estimate(self, text: str) -> int:
        """Tokens, counted unit by unit: they repeat, and that is 8 times as fast as to tokenise each try."""
        known = self._known
        tokens = 0
        for unit in _UNIT.findall(text):
            count = known.get(unit)
            tokens += self._remember(unit) if count is None else count
        return tokens

    def _remember(self, unit: str) -> int:
        if len(self._known) >= _MOST_UNITS:
            self._known.clear()
        count = max(1, len(self._tokenizer.encode(unit, add_special_tokens=False)))
        self._known[unit] = count
        return count


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """The text, cut only where a run without any break is too long."""
    start = 0
    for run in _RUN.finditer(text):
        if run.end() - run.start() == _LONGEST_RUN:
            yield start, text[start : run.end()]
            start = run.end()
    yield start, text[start:]


def _windowed(
    text: str, splitter: TextSplitter | MarkdownSplitter, window: int, *, markdown: bool
) -> Iterator[list[tuple[int, str]]]:
    """The chunks of a text, cut window by window: the library takes quadratic time, and cannot be stopped.

    The next window begins with a chunk that the last one knew already, well before its end, so that what
    comes of it is what comes of the text as a whole.
    """
    start, size, largest = 0, window, window * _LARGEST_WINDOW
    while start + size < len(text):
        chunks = splitter.chunk_indices(text[start : start + size])
        last = _restart(text, start, chunks, markdown=markdown and size < largest)
        if last is None:
            size *= 2
            continue
        yield [(start + offset, chunk) for offset, chunk in chunks[:last]]
        start, size = start + chunks[last][0], window
    yield [(start + offset, chunk) for offset, chunk in splitter.chunk_indices(text[start:])]


def _restart(
    text: str, start: int, chunks: Sequence[tuple[int, str]], *, markdown: bool
) -> int | None:
    """The last chunk at which cutting may begin anew; in Markdown that is where no block is open."""
    for at in range(len(chunks) - _UNSURE, 0, -1):
        if not markdown or _is_block(text, start, start + chunks[at][0]):
            return at
    return None


def _is_block(text: str, start: int, place: int) -> bool:
    """Whether a block of Markdown begins here that is not within another, given that one begins at `start`."""
    stands_alone = text.startswith("\n\n", place - 2) and not _WITHIN.match(text, place)
    return stands_alone and len(_FENCE.findall(text, start, place)) % 2 == 0


def _trim(passage: Passage) -> Passage:
    text = passage.text.strip()
    start = passage.start + len(passage.text) - len(passage.text.lstrip())
    return Passage(text, start, start + len(text))
