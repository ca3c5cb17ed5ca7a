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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from samespace.core.asker import check_asker
from samespace.core.content import Content, of_texts
from samespace.core.errors import Unavailable
from samespace.core.modalities import row_of
from samespace.core.types import TEXT, Modality, Space, Vectors
from samespace.encoders.base import Encoder, EncodesQueries, FitsContents, LoadsLazily
from samespace.encoders.contents import Way, encode_by, texts_of
from samespace.encoders.lanes import Call, Entry, Lanes
from samespace.encoders.query_cache import QueryCache, key_of
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
        self._throughput = {each: row_of(each).first_pace for each in encoder.space.modalities}
        self._lanes = Lanes()
        self._query_executor: QueryExecutor | None = None
        if isinstance(encoder, EncodesQueries):
            self._query_executor = QueryExecutor(
                encoder.encode_query, os.cpu_count() or 1, self._count_queries
            )
        self._fits = encoder if isinstance(encoder, FitsContents) else None
        self._query_cache = QueryCache()
        self._ways: Mapping[bool, Mapping[Modality, Way]] = {
            interactive: dict.fromkeys(encoder.space.modalities, way)
            for interactive, way in ((True, self._ask), (False, self._encode_bulk))
        }
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

    def encode(self, contents: Sequence[Content], *, interactive: bool = False) -> Vectors:
        """Contents, prompts already put before texts, to (n, dim) unit rows in order; blocks.

        Raises Unsupported for what the space takes not, Unavailable after close, GivenUp or TooLate as the
        one who asked waits, and the encoder's own error if one of these contents cannot be encoded: then none
        is returned, and the error's note says which it was.
        """
        return encode_by(self._ways[interactive], contents, self.space)

    def warm_up(self) -> None:
        """Have it answer a question, so that nobody else waits for what is loaded; nothing where it takes no texts."""
        if TEXT in self.space.modalities:
            self.encode(of_texts(["warm"]), interactive=True)

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

    def _ask(self, contents: Sequence[Content]) -> Vectors:
        """What somebody waits for, out of the cache as far as that knows it."""
        if len(contents) > CACHED_ITEMS:
            return self._encode_queries(contents)
        return self._query_cache.rows(
            [key_of(each) for each in contents],
            lambda new: self._encode_queries([contents[at] for at in new]),
        )

    def _encode_queries(self, contents: Sequence[Content]) -> Vectors:
        costs = self._costs(contents)
        if self._query_executor and self._is_inline(contents, costs):
            self._check_open()
            rows = self._query_executor.rows(contents)
            if rows is not None:
                return rows
        return self._submit(contents, costs, interactive=True)

    def _encode_bulk(self, contents: Sequence[Content]) -> Vectors:
        return self._submit(contents, self._costs(contents), interactive=False)

    @staticmethod
    def _is_inline(contents: Sequence[Content], costs: Sequence[int]) -> bool:
        return not row_of(contents[0].modality).is_decoded and sum(costs) <= INLINE_TOKENS

    def _costs(self, contents: Sequence[Content]) -> list[int]:
        """What encoding each of some contents of one modality takes: tokens of a text, 1 of anything else."""
        if row_of(contents[0].modality).is_decoded:
            return [1] * len(contents)
        most = self.space.max_tokens
        return [min(tokens, most) for tokens in self._encoder.count_tokens(texts_of(contents))]

    def _check_open(self) -> None:
        check_asker()
        if self._closed:
            raise Unavailable(f"the encoder of space {self.space.name} is closed")

    def _submit(
        self, contents: Sequence[Content], costs: Sequence[int], *, interactive: bool
    ) -> Vectors:
        modality = contents[0].modality
        if self._fits is not None and row_of(modality).is_decoded:
            contents = self._fits.fit(contents)
        call = Call(len(contents), self.space.dim)
        with self._changed:
            self._check_open()
            throughput = self._throughput[modality]
            is_query = interactive and _is_short(costs, throughput)
            self._lanes.add((is_query, modality), call, contents, costs, throughput)
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
            rows = self._encoder.encode([entry.content for entry in batch])
        except Exception as error:
            return error
        self._measure(modality, batch, time.perf_counter() - started)
        for entry, row in zip(batch, rows, strict=True):
            entry.call.deliver(entry.index, row)
        return None

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
