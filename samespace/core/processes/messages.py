"""Messages between a parent and its child processes: a JSON head and raw buffers, nothing that is run.

The sizes come first, are checked against a limit, and memory is only filled by bytes that arrive: a child
that lies about them costs its parent nothing. Measured for a picture of 1 MB: see decision 4.
"""

import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from samespace.core.deadline import seconds_left

Buffer = bytes | memoryview

MOST_HEAD_BYTES = 4 * 1024 * 1024
"""JSON may unfold to thirty times its size; texts and arrays travel beside it."""
MOST_BUFFERS = 100_000

_START = struct.Struct("<II")


class BadMessage(Exception):
    """What came is no message, or not one of what was asked for."""


class TooMuch(BadMessage):
    """The message says that it is larger than allowed."""


@dataclass(frozen=True, slots=True)
class Message:
    """JSON values, and the buffers they refer to by their place."""

    head: Any
    buffers: Sequence[Buffer] = ()


def send(to: socket.socket, message: Message) -> None:
    """Send one message; OSError if the other end is gone, TimeoutError past the socket's timeout."""
    head = orjson.dumps(message.head)
    parts = [memoryview(buffer) for buffer in message.buffers]
    sizes = struct.pack(f"<{len(parts)}Q", *(part.nbytes for part in parts))
    to.sendall(_START.pack(len(head), len(parts)) + sizes + head)
    for part in parts:
        to.sendall(part)


def receive(source: socket.socket, most_bytes: int, seconds: float | None = None) -> Message:
    """The next message, of at most so many bytes, within so many seconds altogether.

    EOFError or OSError if the other end is gone, TimeoutError, TooMuch, BadMessage.
    """
    until = None if seconds is None else time.monotonic() + seconds
    head_size, count = _START.unpack(_exactly(source, _START.size, until))
    if head_size > MOST_HEAD_BYTES or count > MOST_BUFFERS:
        raise TooMuch(f"{head_size} bytes of JSON and {count} buffers")
    sizes = struct.unpack(f"<{count}Q", _exactly(source, 8 * count, until))
    if head_size + sum(sizes) > most_bytes:
        raise TooMuch(f"{head_size + sum(sizes)} bytes")
    head = _exactly(source, head_size, until)
    buffers = [_exactly(source, size, until) for size in sizes]
    try:
        return Message(orjson.loads(head), buffers)
    except orjson.JSONDecodeError as error:
        raise BadMessage(f"no JSON: {error}") from error


def _exactly(source: socket.socket, size: int, until: float | None) -> memoryview:
    # Not a bytearray: that would be written, and so taken from the system, before a byte has come.
    filled: NDArray[np.uint8] = np.empty(size, np.uint8)
    rest = filled.data
    while rest:
        if until is not None:
            source.settimeout(seconds_left(until))
        received = source.recv_into(rest)
        if not received:
            raise EOFError
        rest = rest[received:]
    return filled.data
