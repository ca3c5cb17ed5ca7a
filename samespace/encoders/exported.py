"""The text tower of a model as ONNX Runtime runs it: quick at one query, and there without torch.

What is in its folder was written by `samespace.encoders.export`.
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samespace.core.errors import Unavailable
from samespace.core.types import Space, Vectors
from samespace.encoders.rows import unit_rows
from samespace.encoders.tokens import TokenCounter
from samespace.encoders.written import is_whole

log = logging.getLogger(__name__)

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
ABOUT = "about.json"
EXPECTED = "expected.npy"

# The least cosine between an exported vector and torch's in float32.
CLOSE = 0.9999
# Encoded each time an export is opened, and compared with what torch made of them.
EVERYDAY = (
    "a red square",
    "Where is the contract about the heating costs of 2021?",
    "Der Hund schläft unter dem Tisch.",
    "naïve café — 你好 😀",
)
# Most texts of one batch of queries.
_AT_ONCE = 32
# Characters by which the longest of a batch may have more than twice the shortest.
_ABOUT_THE_SAME = 20


@dataclass(frozen=True, slots=True)
class About:
    """What of a model is no computation: what it is known by, and how a cosine becomes a logit."""

    fingerprint: str
    scale: float
    bias: float


class ExportedTexts:
    """Texts to vectors by ONNX Runtime; any number of threads may call.

    A query is computed by the thread that calls, a batch of bulk by `threads`: at one short text a second thread
    costs more than it brings (docs/decisions/0014).
    """

    def __init__(self, folder: Path, space: Space, threads: int) -> None:
        self.about = About(**json.loads((folder / ABOUT).read_text()))
        self._dim = space.dim
        self._model = folder / MODEL
        self._threads = threads
        self._tokenizer = _tokenizer(folder)
        self._counter = TokenCounter((folder / TOKENIZER).read_text())
        self._sessions: dict[int, Any] = {}
        self._lock = threading.Lock()

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Texts that somebody waits for to (n, dim) unit rows, in the calling thread."""
        rows = np.empty((len(texts), self._dim), np.float32)
        for some in _alike(texts):
            rows[some] = self._run([texts[at] for at in some], threads=1)
        return rows

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One batch of bulk to (n, dim) unit rows, on as many threads as bulk may use."""
        return self._run(texts, threads=self._threads)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON, without cutting and padding."""
        return self._counter.to_json()

    def _run(self, texts: Sequence[str], threads: int) -> Vectors:
        if not texts:
            return np.empty((0, self._dim), np.float32)
        tokens = self._tokenizer.encode_batch_fast(list(texts))
        given: Mapping[str, list[list[int]]] = {
            "ids": [each.ids for each in tokens],
            "mask": [each.attention_mask for each in tokens],
        }
        session = self._session(threads)
        taken = {each.name: np.array(given[each.name], np.int64) for each in session.get_inputs()}
        return unit_rows(session.run(None, taken)[0], self._dim)

    def _session(self, threads: int) -> Any:
        """The one for so many threads: a copy of the weights, so none is made that is not used."""
        with self._lock:
            if threads not in self._sessions:
                self._sessions[threads] = open_session(self._model, threads)
            return self._sessions[threads]


def _alike(texts: Sequence[str]) -> Iterator[list[int]]:
    """The places of texts in batches of about the same length: the shorter ones cost what the longest does."""
    some: list[int] = []
    for at in sorted(range(len(texts)), key=lambda at: len(texts[at])):
        is_longer = some and len(texts[at]) > 2 * len(texts[some[0]]) + _ABOUT_THE_SAME
        if is_longer or len(some) == _AT_ONCE:
            yield some
            some = []
        some.append(at)
    if some:
        yield some


def open_exported(
    folder: Path, space: Space, threads: int, *, bulk: bool = False
) -> ExportedTexts | None:
    """The export in a folder, for queries or for `bulk`; None where it is not whole, or not close to torch.

    The log says why.
    """
    if not is_whole(folder):
        return None
    try:
        exported = ExportedTexts(folder, space, threads)
        encode = exported.encode if bulk else exported.encode_query
        cosine = lowest_cosine(encode(EVERYDAY), np.load(folder / EXPECTED, allow_pickle=False))
    except Exception:  # a library that is missing or of another kind, a file it does not read
        log.warning("the exported texts in %s cannot be used; torch is", folder, exc_info=True)
        return None
    if cosine >= CLOSE:
        return exported
    log.warning(
        "the exported texts in %s are at cosine %.5f to torch, at least %s is wanted; torch is used",
        folder,
        cosine,
        CLOSE,
    )
    return None


def lowest_cosine(rows: Vectors, expected: Vectors) -> float:
    """The lowest cosine between unit rows of the same place."""
    return float((rows * expected).sum(axis=1).min())


def require_runtime() -> None:
    """Unavailable if ONNX Runtime is not installed."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise Unavailable("package onnxruntime is missing: pip install onnxruntime") from error


def open_session(model: Path, threads: int) -> Any:
    """A graph, ready to run on the CPU with so many threads; the library's own error where it cannot be read."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin while they wait take the processor from those who work (samespace/__init__.py).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_str((folder / TOKENIZER).read_text())
