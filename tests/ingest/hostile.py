"""Jobs that behave as badly as hostile files do, for the children of the sandbox."""

import ctypes
import os
import resource
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
