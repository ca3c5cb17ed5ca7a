"""Jobs that behave as badly as hostile files do, for the children of the sandbox."""

import ctypes
import os
import resource
import stat
import sys
import time
from dataclasses import dataclass

from samespace.core.errors import Unreadable


@dataclass(frozen=True)
class Echo:
    name: str

    def run(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pid:
    name: str = "pid"

    def run(self) -> int:
        return os.getpid()


@dataclass(frozen=True)
class Abort:
    name: str

    def run(self) -> str:
        os.abort()


@dataclass(frozen=True)
class Segfault:
    name: str

    def run(self) -> str:
        return str(ctypes.string_at(0))


@dataclass(frozen=True)
class Hang:
    name: str

    def run(self) -> str:
        time.sleep(600)
        return self.name


@dataclass(frozen=True)
class Eat:
    name: str

    def run(self) -> str:
        return str(len(bytearray(4 << 30)))


@dataclass(frozen=True)
class Refuse:
    name: str

    def run(self) -> str:
        raise Unreadable(f"{self.name} is empty")


@dataclass(frozen=True)
class Stumble:
    name: str

    def run(self) -> str:
        raise KeyError("xref")


@dataclass(frozen=True)
class Seen:
    has_key: bool
    heavy: tuple[str, ...]
    core_bytes: int


@dataclass(frozen=True)
class Surroundings:
    """What a child can reach, and how it is set up."""

    name: str = "surroundings"

    def run(self) -> Seen:
        heavy = {
            "torch",
            "transformers",
            "open_clip",
            "sentence_transformers",
            "pymilvus",
            "celery",
        }
        return Seen(
            has_key="SAMESPACE_API_KEY" in os.environ,
            heavy=tuple(heavy & sys.modules.keys()),
            core_bytes=resource.getrlimit(resource.RLIMIT_CORE)[0],
        )


@dataclass(frozen=True)
class Lie:
    """A child that was taken over: it says what it likes on the socket to its parent, then hangs."""

    said: bytes
    name: str = "lie.pdf"
    pause: float = 0.0

    def run(self) -> str:
        (socket,) = [fd for fd in range(3, 64) if is_socket(fd)]
        pieces = [self.said] if not self.pause else [bytes([each]) for each in self.said]
        for piece in pieces:
            time.sleep(self.pause)
            os.write(socket, piece)
        time.sleep(600)
        return self.name


@dataclass(frozen=True)
class Flood:
    """An honest answer that is very large."""

    megabytes: int
    name: str = "flood.docx"

    def run(self) -> bytes:
        return bytes(self.megabytes << 20)


def is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False
