"""A modality that nobody uses, tunes: its row is the code of docs/extending.md; beside it a format and an adapter.

Notes rise or fall, and that is all that the encoder hears of them.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from ingest.formats.base import Format, Seen
from ingest.parsed import File, Found
from samespace.core.content import Content
from samespace.core.modality import Decoded, ModalityRow
from samespace.core.settings import Settings
from samespace.core.types import TEXT, Modality, Space, Vectors
from samespace.encoders.adapters import Adapter
from samespace.encoders.base import Encoder
from samespace.encoders.contents import encode_by
from samespace.encoders.device import Compute
from samespace.encoders.rows import unit_rows
from tests.services import ROOT

_MARK = b"TUNE 1\n"
RISING, FALLING = ("rising", "up", "climbs"), ("falling", "down", "sinks")


def shown_in_the_docs(section: str, file: str) -> ModuleType:
    """The file that a section of docs/extending.md shows, run as it stands there."""
    page = (ROOT / "docs" / "extending.md").read_text()
    text = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    [code] = re.findall(rf"```python\n(# {re.escape(file)}.*?)```", text, re.DOTALL)
    module = ModuleType(file.removesuffix(".py").replace("/", "."))
    exec(code, module.__dict__)  # noqa: S102
    return module


_SHOWN = shown_in_the_docs("A modality", "samespace/core/tunes.py")
TUNE: Modality = _SHOWN.TUNE
TUNE_ROW: ModalityRow = replace(_SHOWN.TUNE_ROW, query="tests.api.tunes_child:read_query")


def is_tune(seen: Seen) -> bool:
    """Whether a tune begins here."""
    return seen.head.startswith(_MARK)


def tune_of(*notes: int) -> bytes:
    """A file of these notes."""
    return _MARK + bytes(notes)


def read(file: File) -> Iterator[Found]:
    """A title, where there is one before the notes, and the notes."""
    digest = sha256(file.data).hexdigest()
    yield Content(TUNE, digest, decoded=read_query(file.data, 0, file.name))


def read_query(data: bytes, _: int, __: str) -> Decoded:
    """The notes of a file."""
    return np.frombuffer(data.removeprefix(_MARK), np.uint8)


TUNES = Format("tune", ("audio/x-tune",), (".tune",), is_tune, "tests.api.tunes_child:read")

ADAPTER = Adapter("tunes", "tests.api.tunes", "tunes", torch=False)


class TuneEncoder:
    """Texts by the words of rising and falling in them, tunes by their notes, and each a little by itself."""

    fingerprint = "tunes"
    precision = "float32"
    scale = 10.0
    bias = 0.0

    def __init__(self, space: Space) -> None:
        self.space = space

    def encode(self, contents: Sequence[Content]) -> Vectors:
        return encode_by({TEXT: self._texts, TUNE: self._tunes}, contents, self.space)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def tokenizer_json(self) -> str:
        tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Whitespace()
        return str(tokenizer.to_str())

    def _texts(self, contents: Sequence[Content]) -> Vectors:
        return self._rows([_slope_of_words(each.text) for each in contents], contents)

    def _tunes(self, contents: Sequence[Content]) -> Vectors:
        slopes = [float(np.sign(np.diff(each.pixels.astype(int)).sum())) for each in contents]
        return self._rows(slopes, contents)

    def _rows(self, slopes: Sequence[float], contents: Sequence[Content]) -> Vectors:
        own = [sha256(f"{each.text}{each.content_hash}".encode()).digest()[:6] for each in contents]
        noise = np.array([list(each) for each in own]) / 2550
        return unit_rows(np.column_stack([slopes, np.full(len(slopes), 0.2), noise]), 8)


def _slope_of_words(text: str) -> float:
    words = set(text.lower().replace(".", " ").split())
    return float(bool(words & {*RISING})) - float(bool(words & {*FALLING}))


def describe(model: str) -> Space:
    return Space("tunes", "tunes", model, 8, frozenset({TEXT, TUNE}), 64)


def open_model(space: Space, compute: Compute, settings: Settings) -> Encoder:
    return TuneEncoder(space)


def export_key(space: Space) -> object:
    return None


def is_here(space: Space, cached: Set[str]) -> bool:
    return True


def folder_of(model: str) -> Path | None:
    return None
