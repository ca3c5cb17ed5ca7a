"""A worker alone against the bare work: `python -m benchmarks.worker [small] [passages] [pictures] [--count 3000]`.

Documents are accepted beforehand; then the queue is told, and the clock runs until the last one is ready. The bare work
on the same contents is samespace's own batched encoder, given everything at once, in a process of its own and in the
same precision. Beside items per second it says the processor time of each, which others on the machine do not touch.
"""

import argparse
import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL.Image import Image

from benchmarks import corpus
from ingest.accept import Receipt, Upload, accept_documents, text_upload
from ingest.collections import create_collection
from ingest.formats.picture.read import read_picture
from samespace.core.content import of_images, of_texts
from samespace.core.settings import Settings, as_environment
from samespace.core.types import State
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.load import load_encoder
from samespace.encoders.spaces import spaces_of
from samespace.operations.stack.folder import Folder
from samespace.operations.stack.stack import Stack
from samespace.operations.stack.supervisor import Supervisor
from samespace.services import Services
from samespace.store.records import Collection
from samespace.wiring import open_services
from workers.submit import Queue, open_queue

KINDS = {"small": 3000, "passages": 600, "pictures": 600}
_PRESET = "starter"
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Items, the seconds they took, and the processor seconds of every process that worked at them."""

    items: int
    seconds: float
    cpu: float
    pace: float = 1.0
    """Of the last tenth of the documents, as a share of that of the first half."""

    @property
    def rate(self) -> float:
        """Items per second."""
        return self.items / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds an item."""
        return 1000 * self.cpu / self.items


def main() -> None:
    """Measure each kind as often as asked, bare and whole in turns, and print medians and their ratios."""
    options = _options()
    if options.bare:
        print(json.dumps(_bare(options.bare, options.count)))
        return
    for kind in options.kinds or KINDS:
        count = options.count or KINDS[kind]
        runs = [(_run_bare(kind, count), _run_worker(kind, count)) for _ in range(options.runs)]
        _say(kind, count, runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--bare", choices=KINDS, help="the bare work alone; its figures as JSON")
    return parser.parse_args()


def _say(kind: str, count: int, runs: Sequence[tuple[Figures, Figures]]) -> None:
    for who, column in zip(("bare", "worker"), zip(*runs, strict=True), strict=True):
        rate = statistics.median(each.rate for each in column)
        cpu = statistics.median(each.cpu_ms for each in column)
        pace = statistics.median(each.pace for each in column)
        print(f"{kind} {count} {who}: {rate:.1f} items/s, {cpu:.2f} ms cpu, pace {pace:.2f}")
    ratio = statistics.median(whole.rate / bare.rate for bare, whole in runs)
    cpu = statistics.median(whole.cpu_ms - bare.cpu_ms for bare, whole in runs)
    share = statistics.median(bare.cpu_ms / whole.cpu_ms for bare, whole in runs)
    print(f"{kind} {count}: {ratio:.2f} of the bare rate; {cpu:+.2f} ms cpu an item ({share:.2f})")


# the contents


def _texts(kind: str, count: int) -> list[str]:
    chance = random.Random(7)
    vocabulary = corpus.words()
    if kind == "small":
        sizes = [chance.randint(4, 16) for _ in range(count)]
        return [" ".join(chance.choices(vocabulary, k=size)) for size in sizes]
    return [" ".join(chance.choices(vocabulary, k=300))[:800] for _ in range(count)]


def _uploads(kind: str, count: int, seed: int = 0) -> Iterator[Upload]:
    """Documents; another seed gives others, for what is known already is not taken in again."""
    if kind == "pictures":
        for number, data in enumerate(corpus.pictures(count, seed)):
            yield Upload(f"{number}.jpg", io.BytesIO(data))
    else:
        for number, text in enumerate(_texts(kind, count)):
            yield text_upload(text, f"{number}.txt", None, {"number": number})


# the bare work


def _run_bare(kind: str, count: int) -> Figures:
    command = [sys.executable, "-m", "benchmarks.worker", "--bare", kind, "--count", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Figures(*json.loads(done.stdout.splitlines()[-1]))


def _bare(kind: str, count: int) -> tuple[int, float, float]:
    settings = Settings()
    encoder = BatchedEncoder(load_encoder(spaces_of(_PRESET)[0], settings), settings.batch_size)
    texts = _texts(kind, count) if kind != "pictures" else []
    files = list(corpus.pictures(count)) if kind == "pictures" else []
    _encode(encoder, texts[:64], files[:16])
    started, cpu = time.perf_counter(), time.process_time()
    _encode(encoder, texts, files)
    return count, time.perf_counter() - started, time.process_time() - cpu


def _encode(encoder: BatchedEncoder, texts: Sequence[str], files: Sequence[bytes]) -> None:
    if texts:
        encoder.encode(of_texts(texts))
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(files), 64):
            encoder.encode(of_images(list(pool.map(_decoded, files[start : start + 64]))))


def _decoded(data: bytes) -> Image:
    return read_picture(data, 10**8)


# the worker


def _run_worker(kind: str, count: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="samespace-bench-") as name, servers(Path(name)) as it:
        settings, services, queue = it
        collection = create_collection(
            "bench",
            _PRESET,
            records=services.records,
            index=services.index,
            encoders=services.encoders,
        )
        with worker_of(settings) as worker:
            accept(_uploads(kind, 8, seed=1), collection, services, "warm-up")
            queue.ingest(8)
            wait_ready(services, collection, 8)
            # Held back until all are there: the reconciler would begin with what the queue was not told of.
            services.records.collections.pause(collection.id)
            accept(_uploads(kind, count), collection, services, "bench")
            return _measure(count, collection, services, queue, [worker, *_pids(settings)])


def _measure(
    count: int,
    collection: Collection,
    services: Services,
    queue: Queue,
    processes: Sequence[psutil.Process],
) -> Figures:
    ready = _ready(services, collection)
    before, started = cpu_of(processes), time.perf_counter()
    services.records.collections.pause(collection.id, paused=False)
    queue.ingest(count)
    left = count + 8 - ready
    times = [0.0]
    for step in range(1, _STEPS + 1):
        wait_ready(services, collection, ready + left * step // _STEPS)
        times.append(time.perf_counter() - started)
    first = times[_STEPS // 2] / (_STEPS // 2)
    return Figures(left, times[-1], cpu_of(processes) - before, first / (times[-1] - times[-2]))


def accept(uploads: Iterator[Upload], collection: Collection, services: Services, job: str) -> None:
    """Take these in; not one may be refused."""
    receipts = accept_documents(
        uploads,
        collection=collection,
        job_id=job,
        records=services.records,
        blobs=services.blobs,
        settings=services.settings,
    )
    for receipt in receipts:
        assert isinstance(receipt, Receipt), receipt


def _ready(services: Services, collection: Collection) -> int:
    return services.records.documents.counts(collection.id).get(State.READY, 0)


def wait_ready(services: Services, collection: Collection, count: int) -> None:
    """Wait until so many documents are ready."""
    while _ready(services, collection) < count:
        time.sleep(0.05)


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Settings, Services, Queue]]:
    """The stores and the queue of a stack in this folder, without a worker."""
    stack = Stack(Settings(data=folder, port=0, worker_nice=0))
    data = Folder(stack.settings.data)
    data.prepare()
    supervisor = Supervisor(data.logs, data.run, lambda _: None)
    supervisor.start(stack.servers())
    services, queue = open_services(stack.settings), open_queue(stack.settings)
    try:
        yield stack.settings, services, queue
    finally:
        services.close()
        queue.close()
        supervisor.stop()


@contextmanager
def worker_of(settings: Settings) -> Iterator[psutil.Process]:
    """A worker of that stack."""
    command = [sys.executable, "-m", "samespace.operations.stack.child", "worker"]
    with (settings.data / "worker.log").open("wb") as log:
        environment = as_environment(settings)
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield psutil.Process(worker.pid)
    finally:
        worker.terminate()
        worker.wait(60)


def _pids(settings: Settings) -> list[psutil.Process]:
    files = (settings.data / "run").glob("*.pid")
    return [psutil.Process(int(file.read_text().split()[0])) for file in files]


def cpu_of(processes: Sequence[psutil.Process]) -> float:
    """The processor seconds that these and those below them have taken."""
    total = 0.0
    for process in processes:
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                total += one.cpu_times().user + one.cpu_times().system
    return total


if __name__ == "__main__":
    main()
