"""Arrays through a pipe, each as its length in four bytes and numpy's own format."""

import io
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_LENGTH = 4


def write_array(stream: BinaryIO, array: NDArray[Any]) -> None:
    """Send an array; BrokenPipeError if nobody reads any more."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    frame = memoryview(len(buffer.getbuffer()).to_bytes(_LENGTH, "little") + buffer.getvalue())
    while frame:
        frame = frame[stream.write(frame) :]


def read_array(stream: BinaryIO) -> NDArray[Any]:
    """The next array; EOFError if there is none, or not all of it."""
    length = int.from_bytes(_read(stream, _LENGTH), "little")
    array: NDArray[Any] = np.load(io.BytesIO(_read(stream, length)), allow_pickle=False)
    return array


def _read(stream: BinaryIO, size: int) -> bytes:
    pieces: list[bytes] = []
    while size:
        piece = stream.read(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
