"""One encoding thread per model, shared by every caller of the process.

Callers block; what they hand in is gathered into batches across callers, queries before bulk, alike
lengths together. A query that would take long goes with the bulk, so that others pass it between two
batches; short texts pass by the batches altogether where the encoder can do that, and the vectors of what was
asked last are cached. What nobody waits for any more is dropped. A device that runs out of memory gets half as much; an
item that cannot be encoded fails its own caller and nobody else.
"""

import logging
import math
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL.Image import Image

from samespace.core.asker import check_asker
from samespace.core.errors import Unavailable, Unsupported
from samespace.core.modalities import MODALITIES
from samespace.core.types import Modality, Space, Vectors
from samespace.encoders.base import Encoder, EncodesQueries, FitsImages, LoadsLazily
from samespace.encoders.lanes import Call, Entry, Lanes
from samespace.encoders.query_cache import QueryCache, key_of_image, key_of_text
from samespace.encoders.query_executor import QueryExecutor

log = logging.getLogger(__name__)

# A query waits for at most one bulk batch, so a bulk batch is bounded in time, not only in items.
# On a CPU short batches cost nothing: 4 pictures at a time were faster than 32, passages equal.
BULK_SECONDS = 0.1
# A query of several items that is expected to take longer waits with the bulk.
QUERY_SECONDS = 0.5
# Tokens of a query that is encoded in the thread that asks, where the encoder can: half a second of a core at most.
INLINE_TOKENS = 2048
# Texts or pictures of one query whose vectors are cached; more than that are hardly asked again.
CACHED_ITEMS = 64
# Items looked at for alike lengths, as a multiple of the batch size.
WINDOW = 8
INITIAL_THROUGHPUT = {row.modality: row.first_pace for row in MODALITIES}


@dataclass(frozen=True, slots=True)
class Stats:
    """What an encoding thread has done: items, batches, room in those batches, seconds of encoding,
    halvings after running out of memory; and how many items wait now."""

    items: int = 0
    batches: int = 0
    slots: int = 0
    seconds: float = 0.0
    halvings: int = 0
    waiting: int = 0

    @property
    def fill(self) -> float:
        """Mean share of a batch's room that was used, 0 to 1."""
        return self.items / self.slots if self.slots else 0.0


class BatchedEncoder:
    """An encoder that many threads may call; the model itself runs in one thread of its own.

    The thread starts with the first call, so an object made before a fork is still usable after it.
    """

    def __init__(
        self, encoder: Encoder, batch_size: int, *, bulk_seconds: float = BULK_SECONDS
    ) -> None:
        self._encoder = encoder
        self._batch_size = batch_size
        self._most = batch_size
        self._bulk_seconds = bulk_seconds
        self._throughput = dict(INITIAL_THROUGHPUT)
        self._lanes = Lanes()
        self._query_executor: QueryExecutor | None = None
        if isinstance(encoder, EncodesQueries):
            self._query_executor = QueryExecutor(
                encoder.encode_query, os.cpu_count() or 1, self._count_queries
            )
        self._query_cache = QueryCache()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._stats = Stats()

    @property
    def space(self) -> Space:
        """The space of the encoder."""
        return self._encoder.space

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the encoder."""
        return self._encoder.fingerprint

    @property
    def precision(self) -> str:
        """What the encoder computes in."""
        return self._encoder.precision

    @property
    def scale(self) -> float:
        """Factor from cosine to logit."""
        return self._encoder.scale

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid."""
        return self._encoder.bias

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut; in the caller's thread."""
        return self._encoder.count_tokens(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._encoder.tokenizer_json()

    def encode_texts(self, texts: Sequence[str], *, interactive: bool = False) -> Vectors:
        """Texts, prompts already put before them, to (n, dim) unit rows in order; blocks.

        Raises Unsupported if the space takes no texts, Unavailable after close, GivenUp or TooLate as the
        one who asked waits, and the encoder's own error if one of these texts cannot be encoded: then none
        is returned, and the error's note says which it was.
        """
        self._require(Modality.TEXT)
        if not interactive or not 0 < len(texts) <= CACHED_ITEMS:
            return self._encode_texts(texts, interactive=interactive)
        return self._query_cache.rows(
            [key_of_text(text) for text in texts],
            lambda new: self._encode_texts([texts[at] for at in new], interactive=True),
        )

    def encode_images(self, images: Sequence[Image], *, interactive: bool = False) -> Vectors:
        """RGB pictures to (n, dim) unit rows in order; blocks and raises as encode_texts does."""
        self._require(Modality.IMAGE)
        if isinstance(self._encoder, FitsImages):
            images = [self._encoder.fit_image(image) for image in images]
        if not interactive or not 0 < len(images) <= CACHED_ITEMS:
            return self._encode_images(images, interactive=interactive)
        return self._query_cache.rows(
            [key_of_image(image) for image in images],
            lambda new: self._encode_images([images[at] for at in new], interactive=True),
        )

    @property
    def stats(self) -> Stats:
        """A snapshot of the counters."""
        with self._changed:
            return replace(self._stats, waiting=len(self._lanes))

    def close(self) -> None:
        """Finish what is queued, then stop the thread; further calls raise Unavailable."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()
        if self._query_executor:
            self._query_executor.close()
        if isinstance(self._encoder, LoadsLazily):
            self._encoder.close()

    @property
    def is_loaded(self) -> bool:
        """Whether anything of the encoder is loaded yet."""
        return not isinstance(self._encoder, LoadsLazily) or self._encoder.is_loaded

    def prepare(self) -> None:
        """Load what bulk and pictures need, where that waits until it is needed; raises as loading does."""
        if isinstance(self._encoder, LoadsLazily):
            self._encoder.prepare()

    # the callers' side

    def _encode_texts(self, texts: Sequence[str], *, interactive: bool) -> Vectors:
        counts = self._encoder.count_tokens(texts) if texts else []
        costs = [min(tokens, self.space.max_tokens) for tokens in counts]
        if interactive and self._query_executor and sum(costs) <= INLINE_TOKENS:
            self._check_open()
            rows = self._query_executor.rows(texts)
            if rows is not None:
                return rows
        return self._submit(Modality.TEXT, list(texts), costs, interactive=interactive)

    def _encode_images(self, images: Sequence[Image], *, interactive: bool) -> Vectors:
        return self._submit(Modality.IMAGE, images, [1] * len(images), interactive=interactive)

    def _check_open(self) -> None:
        check_asker()
        if self._closed:
            raise Unavailable(f"the encoder of space {self.space.name} is closed")

    def _require(self, modality: Modality) -> None:
        if modality not in self.space.modalities:
            raise Unsupported(f"space {self.space.name} takes no {modality}")

    def _submit(
        self,
        modality: Modality,
        values: Sequence[str | Image],
        costs: Sequence[int],
        *,
        interactive: bool,
    ) -> Vectors:
        call = Call(len(values), self.space.dim)
        if not values:
            return call.rows
        with self._changed:
            self._check_open()
            throughput = self._throughput[modality]
            is_query = interactive and _is_short(costs, throughput)
            self._lanes.add((is_query, modality), call, values, costs, throughput)
            self._ensure_thread()
            self._changed.notify_all()
        try:
            return call.wait()
        except BaseException:
            with self._changed:
                self._lanes.drop(call)
            raise

    def _ensure_thread(self) -> None:
        if self._thread is None:
            name = f"encode-{self.space.name}"
            self._thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._thread.start()

    # the encoding thread's side

    def _work(self) -> None:
        try:
            while taken := self._take():
                self._run(*taken)
        finally:
            self._abandon()

    def _take(self) -> tuple[Modality, list[Entry]] | None:
        """The next batch, waiting for one; None once closed and empty."""
        with self._changed:
            while not (lane := self._lanes.next_lane()):
                if self._closed:
                    return None
                self._changed.wait()
            interactive, modality = lane
            budget = math.inf if interactive else self._throughput[modality] * self._bulk_seconds
            window = WINDOW * self._batch_size
            batch = self._lanes.take(lane, window=window, most=self._most, budget=budget)
            self._count(items=len(batch), batches=1, slots=self._most)
            return modality, batch

    def _run(self, modality: Modality, batch: Sequence[Entry]) -> None:
        batch = [entry for entry in batch if not entry.call.is_done]
        if not batch:
            return
        if len(batch) > self._most:  # it has shrunk since this batch was taken
            self._run_in_pieces(modality, batch, self._most)
            return
        error = self._attempt(modality, batch)
        if error is None:
            return
        if is_out_of_memory(error):
            self._shrink(len(batch))
        if len(batch) == 1:
            error.add_note(
                f"item {batch[0].index} of {len(batch[0].call.rows)} could not be encoded"
            )
            batch[0].call.fail(error)
            return
        # The frames of the failed attempt hold its tensors; let them go before trying again.
        error.__traceback__ = None
        self._run_in_pieces(modality, batch, len(batch) // 2)

    def _run_in_pieces(self, modality: Modality, batch: Sequence[Entry], size: int) -> None:
        for start in range(0, len(batch), size):
            self._run(modality, batch[start : start + size])

    def _attempt(self, modality: Modality, batch: Sequence[Entry]) -> Exception | None:
        started = time.perf_counter()
        try:
            rows = self._encode(modality, batch)
        except Exception as error:
            return error
        self._measure(modality, batch, time.perf_counter() - started)
        for entry, row in zip(batch, rows, strict=True):
            entry.call.deliver(entry.index, row)
        return None

    def _encode(self, modality: Modality, batch: Sequence[Entry]) -> Vectors:
        values: list[Any] = [entry.value for entry in batch]
        if modality is Modality.TEXT:
            return self._encoder.encode_texts(values)
        return self._encoder.encode_images(values)

    def _measure(self, modality: Modality, batch: Sequence[Entry], seconds: float) -> None:
        costs = [entry.cost for entry in batch]
        throughput = len(costs) * max(costs) / max(seconds, 1e-6)
        with self._changed:
            self._throughput[modality] = (self._throughput[modality] + throughput) / 2
            self._count(seconds=seconds)

    def _shrink(self, size: int) -> None:
        log.warning("space %s: out of memory at %d items, halving the batch", self.space.name, size)
        with self._changed:
            self._most = max(1, min(self._most, size // 2))
            self._count(halvings=1)
        if (torch := sys.modules.get("torch")) and torch.cuda.is_initialized():
            torch.cuda.empty_cache()

    def _count_queries(self, items: int, seconds: float) -> None:
        with self._changed:
            self._count(items=items, batches=1, slots=items, seconds=seconds)

    def _count(self, **more: float) -> None:
        now = self._stats
        self._stats = replace(now, **{name: getattr(now, name) + n for name, n in more.items()})

    def _abandon(self) -> None:
        """Nobody may wait for a thread that is gone."""
        with self._changed:
            self._closed = True
            for entry in self._lanes.clear():
                entry.call.fail(Unavailable(f"the encoder of {self.space.name} has stopped"))


def _is_short(costs: Sequence[int], throughput: float) -> bool:
    """Whether others can be made to wait for it; a single item cannot be parted anyway."""
    return len(costs) == 1 or sum(costs) <= throughput * QUERY_SECONDS


def is_out_of_memory(error: Exception) -> bool:
    """Whether the device or the machine had too little memory for a batch."""
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()
