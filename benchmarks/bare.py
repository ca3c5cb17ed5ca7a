"""The bare work, in one process and nothing else: encode prepared passages; decode, resize and encode pictures.

Run as a program of its own, so that it has the machine as the stack has it:
`python -m benchmarks.bare texts|pictures <folder>` prints items per second.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from PIL.Image import Image

from ingest.formats.picture.read import read_picture
from ingest.split import Splitter
from samespace.core.content import of_images, of_texts
from samespace.core.settings import Settings
from samespace.encoders.base import Encoder
from samespace.encoders.load import load_encoder
from samespace.encoders.spaces import spaces_of

T = TypeVar("T")


def main() -> None:
    """Measure one kind over the files of a folder."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    settings = Settings()
    (space,) = spaces_of("starter")
    encoder = load_encoder(space, settings)
    files = sorted(folder.iterdir())
    if kind == "texts":
        passages = _passages(files, encoder)
        encoder.encode(of_texts(passages[: settings.batch_size]))
        rate = _rate(passages, settings.batch_size, lambda some: encoder.encode(of_texts(some)))
    else:
        rate = _rate(files, settings.batch_size, lambda some: _encode_files(some, encoder))
    print(rate)


def _passages(files: Sequence[Path], encoder: Encoder) -> list[str]:
    """Prepared: cut as ingest cuts them, before the clock starts, sorted by length for even batches."""
    limit = encoder.space.max_tokens
    splitter = Splitter(encoder.tokenizer_json(), limit, limit // 8)
    passages = [passage.text for file in files for passage in splitter.split(file.read_text())]
    return sorted(passages, key=len)


def _encode_files(files: Sequence[Path], encoder: Encoder) -> None:
    with ThreadPoolExecutor(2) as pool:
        encoder.encode(of_images(list(pool.map(_read, files))))


def _read(file: Path) -> Image:
    return read_picture(file.read_bytes(), 10**8)


def _rate(items: Sequence[T], size: int, work: Callable[[Sequence[T]], object]) -> float:
    started = time.perf_counter()
    for some in _batches(items, size):
        work(some)
    return len(items) / (time.perf_counter() - started)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


if __name__ == "__main__":
    main()
