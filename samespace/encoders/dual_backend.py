"""A model in two forms: its texts exported, for queries, and the whole of it in torch, loaded when it is needed."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from samespace.core.content import Content
from samespace.core.settings import Settings
from samespace.core.types import TEXT, Space, Vectors
from samespace.encoders.backend_timings import needs_timing, read_timings
from samespace.encoders.base import Encoder, FitsContents
from samespace.encoders.contents import texts_of
from samespace.encoders.device import Compute, compute_of, threads_of
from samespace.encoders.exported import About, ExportedTexts, open_exported
from samespace.encoders.exporting import Exporting
from samespace.encoders.lazy import Lazy
from samespace.encoders.places import refusal_of
from samespace.encoders.written import is_whole

log = logging.getLogger(__name__)

# An export keeps a copy of the weights in float32; past that many megabytes a query is no quick thing anyway.
_LARGEST_MB = 1500


class DualBackendEncoder:
    """An `Encoder` of a space on the CPU whose texts can be exported. Nothing is loaded before it is needed.

    Queries need the export alone; pictures, and bulk that torch does faster, the whole model. Where there is no
    export torch does everything, and a child process makes one meanwhile; where only the measurement of bulk is
    missing, it makes that.
    """

    def __init__(
        self, space: Space, settings: Settings, place: Path, load: Callable[[], Encoder]
    ) -> None:
        self.space = space
        self._settings = settings
        self._threads = threads_of(settings)
        self._compute = compute_of(settings)
        self._place = place
        self._load = load
        self._torch = Lazy(self._load_torch)
        self._exported: ExportedTexts | None = None
        self._is_opened = False
        self._opening = threading.Lock()
        self._bulk_is_exported = self._export_is_faster()
        self._exporting: Exporting | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def is_loaded(self) -> bool:
        """Whether the whole model or the export is loaded."""
        return self._torch.is_loaded or (self._is_opened and self._exported is not None)

    @property
    def fingerprint(self) -> str:
        """That of the model, which both forms share."""
        return self._about().fingerprint

    @property
    def precision(self) -> str:
        """What bulk is computed in; queries are float32."""
        return self._compute.precision

    @property
    def scale(self) -> float:
        """Factor from cosine to logit."""
        return self._about().scale

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid."""
        return self._about().bias

    def encode_query(self, contents: Sequence[Content]) -> Vectors | None:
        """Texts that somebody waits for, in the calling thread, any number at once; None where there is no export."""
        exported = self._open()
        return exported.encode_query(texts_of(contents)) if exported else None

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """A batch to (n, dim) unit rows, texts by what is faster on this CPU; raises what the model raises."""
        if self._bulk_is_exported and all(each.modality == TEXT for each in contents):
            exported = self._open(bulk=True)
            if exported:
                return exported.encode(texts_of(contents))
        return self._torch.get().encode(contents)

    def fit(self, contents: Sequence[Content]) -> Sequence[Content]:
        """What was decoded, as the model sees it; encoding that gives the same vectors."""
        whole = self._torch.get()
        return whole.fit(contents) if isinstance(whole, FitsContents) else contents

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._reader().count_tokens(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._reader().tokenizer_json()

    def prepare(self) -> None:
        """Load what bulk texts need, for who is going to encode them."""
        if not (self._bulk_is_exported and self._open(bulk=True)):
            self._torch.get()

    def close(self) -> None:
        """End an export that is under way."""
        with self._lock:
            self._closed.set()
            if self._exporting:
                self._exporting.close()

    def _about(self) -> "About | Encoder":
        """Whichever is there says it; they agree."""
        if self._torch.is_loaded:
            return self._torch.get()
        exported = self._open()
        return exported.about if exported else self._torch.get()

    def _reader(self) -> "ExportedTexts | Encoder":
        """Whichever is there; both have the same tokenizer."""
        if self._torch.is_loaded:
            return self._torch.get()
        return self._open() or self._torch.get()

    def _open(self, *, bulk: bool = False) -> ExportedTexts | None:
        """The export, opened by the first who needs it, and then checked in the way it is needed."""
        if not self._is_opened:
            with self._opening:
                if not self._is_opened:
                    self._exported = open_exported(
                        self._place, self.space, self._threads, bulk=bulk
                    )
                    self._check_export()
                    self._is_opened = True
        return self._exported

    def _check_export(self) -> None:
        """Drop an export that is of another model than the whole one, once both are there."""
        if self._exported is None or not self._torch.is_loaded:
            return
        if self._exported.about.fingerprint != self._torch.get().fingerprint:
            log.warning("the export in %s is of another model; torch is used", self._place)
            self._exported = None

    def _load_torch(self) -> Encoder:
        whole = self._load()
        threading.Thread(target=self._complete, args=[whole], daemon=True, name="export").start()
        return whole

    def _complete(self, whole: Encoder) -> None:
        """Have the export, or the measurement of bulk, made if it is missing; what went wrong is said once."""
        self._torch.get()
        with self._opening:
            self._check_export()
        try:
            problem = self._export() if self._lacks_something(whole) else ""
        except Exception as error:  # no process, a tokenizer of another kind: torch is there
            log.info("texts of %s cannot be exported", self.space.model, exc_info=True)
            problem = str(error)
        if problem and not self._closed.is_set():
            log.warning("texts of %s stay with torch: %s", self.space.model, problem)

    def _lacks_something(self, whole: Encoder) -> bool:
        from samespace.encoders.text_towers import HasTextTower

        if is_whole(self._place) and not needs_timing(self._place, self._settings):
            return False
        if refusal_of(self._place).exists():
            return False
        tower = whole.text_tower() if isinstance(whole, HasTextTower) else None
        return tower is not None and tower.megabytes <= _LARGEST_MB

    def _export(self) -> str:
        """Export in a child process and take up what it made; what went wrong, in words."""
        with self._lock:
            if self._closed.is_set():
                return ""
            self._exporting = Exporting(self.space, self._settings)
        if problem := self._exporting.wait():
            return problem
        self._is_opened = False
        self._bulk_is_exported = self._export_is_faster()
        return ""

    def _export_is_faster(self) -> bool:
        """Whether bulk is better done by the export: never where another precision is native or was chosen."""
        timings = read_timings(self._place, self._threads)
        is_open = self._compute == Compute("cpu", "float32")
        return bool(is_open and timings and timings.exported_is_faster)
