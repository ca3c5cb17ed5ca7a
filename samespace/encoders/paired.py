"""A model in two forms: its texts exported, for questions, and the whole of it in torch, loaded when it is needed."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL.Image import Image

from samespace.core.settings import Settings
from samespace.core.types import Space, Vectors
from samespace.encoders.base import Encoder, FitsImages
from samespace.encoders.device import Compute, compute_of, threads_of
from samespace.encoders.exported import ExportedTexts, open_exported
from samespace.encoders.exporting import Exporting
from samespace.encoders.lazily import Lazily
from samespace.encoders.pace import read_paces, wants_paces

log = logging.getLogger(__name__)

# An export keeps a copy of the weights in float32; past that many megabytes a question is no quick thing anyway.
_LARGEST_MB = 1500
_REFUSED = ".refused"


class PairedEncoder:
    """An `Encoder` of a space on the CPU whose texts can be exported.

    Where the export is there it is all that is loaded until pictures, or bulk that torch does faster, come. Where it is
    not, torch does everything, and a child process makes the export meanwhile; who only lacks the measurement of bulk
    gets that likewise.
    """

    def __init__(
        self, space: Space, settings: Settings, place: Path, load: Callable[[], Encoder]
    ) -> None:
        self.space = space
        self._settings = settings
        self._compute = compute_of(settings)
        self._place = place
        self._load = load
        self._whole = Lazily(self._load_whole)
        self._exported = open_exported(place, space, threads_of(settings))
        self._bulk = self._bulk_by_export()
        self._exporting: Exporting | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        if self._exported is None:
            self._whole.get()

    @property
    def fingerprint(self) -> str:
        """That of the model, which both forms share."""
        exported = self._exported
        return exported.about.fingerprint if exported else self._whole.get().fingerprint

    @property
    def precision(self) -> str:
        """What bulk is computed in; questions are float32."""
        return self._compute.precision

    @property
    def scale(self) -> float:
        """Factor from cosine to logit."""
        exported = self._exported
        return exported.about.scale if exported else self._whole.get().scale

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid."""
        exported = self._exported
        return exported.about.bias if exported else self._whole.get().bias

    def answer(self, texts: Sequence[str]) -> Vectors | None:
        """Texts that somebody waits for, in the calling thread, any number at once; None where there is no export."""
        exported = self._exported
        return exported.answer(texts) if exported else None

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """A batch of texts to (n, dim) unit rows, by what is faster on this CPU."""
        if self._bulk is not None:
            return self._bulk.encode(texts)
        return self._whole.get().encode_texts(texts)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """RGB pictures of any size to (n, dim) unit rows; Unsupported if the space takes none."""
        return self._whole.get().encode_images(images)

    def fit_image(self, image: Image) -> Image:
        """The picture as the model sees it; encoding that gives the same vector."""
        whole = self._whole.get()
        return whole.fit_image(image) if isinstance(whole, FitsImages) else image

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return (self._exported or self._whole.get()).count_tokens(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return (self._exported or self._whole.get()).tokenizer_json()

    def prepare(self) -> None:
        """Load the whole model now, for who is going to encode bulk and pictures."""
        self._whole.get()

    def close(self) -> None:
        """End an export that is under way."""
        with self._lock:
            self._closed.set()
            if self._exporting:
                self._exporting.close()

    def _load_whole(self) -> Encoder:
        whole = self._load()
        exported = self._exported
        if exported and exported.about.fingerprint != whole.fingerprint:
            log.warning("the export in %s is of another model; torch is used", self._place)
            self._exported = self._bulk = None
        elif (exported is None and self._may_export(whole)) or self._needs_paces():
            threading.Thread(target=self._export, daemon=True, name="export").start()
        return whole

    def _bulk_by_export(self) -> ExportedTexts | None:
        """The export, if bulk is better done by it: never where another precision is native or was chosen."""
        paces = read_paces(self._place, threads_of(self._settings))
        is_open = self._compute == Compute("cpu", "float32")
        return self._exported if is_open and paces and paces.exported_is_faster else None

    def _needs_paces(self) -> bool:
        return self._exported is not None and wants_paces(self._place, self._settings)

    def _may_export(self, whole: Encoder) -> bool:
        from samespace.encoders.halves import HasTextHalf

        if not isinstance(whole, HasTextHalf) or self._place.with_suffix(_REFUSED).exists():
            return False
        half = whole.text_half()
        return half is not None and half.megabytes <= _LARGEST_MB

    def _export(self) -> None:
        """Have the export made, and take it up; what went wrong is said once."""
        with self._lock:
            if self._closed.is_set():
                return
            self._exporting = Exporting(self.space, self._settings)
        problem = self._exporting.wait()
        if self._closed.is_set():
            return
        if problem:
            log.warning("texts of %s stay with torch: %s", self.space.model, problem)
            return
        self._exported = open_exported(self._place, self.space, threads_of(self._settings))
        self._bulk = self._bulk_by_export()
        log.info("questions of space %s are encoded by ONNX Runtime now", self.space.name)
