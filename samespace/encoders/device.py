"""Where and how finely an encoder computes. Nothing here runs at import, so no CUDA before a fork."""

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings

if TYPE_CHECKING:
    import torch

# Linux says there what a CPU can do, and torch need not be imported to ask it.
_CPUS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Compute:
    """A device (`cpu`, `cuda:N`) and a precision (float32, bfloat16, float16)."""

    device: str
    precision: str

    @property
    def dtype(self) -> "torch.dtype":
        """The torch type of that precision."""
        import torch

        types = {
            "float32": torch.float32,
            "bfloat16": torch.bfloat16,
            "float16": torch.float16,
        }
        return types[self.precision]


def compute_of(settings: Settings) -> Compute:
    """The device and precision that the settings ask for; raises Misconfigured if they are not there."""
    device = _device(settings.device)
    return Compute(device, _precision(settings.precision, device))


def threads_of(settings: Settings) -> int:
    """CPU threads of bulk: those of the settings, or every core that this process may use."""
    if settings.threads:
        return settings.threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _device(wanted: str) -> str:
    if wanted == "cpu":
        return "cpu"
    count = _gpus()
    if wanted == "auto":
        return "cuda:0" if count else "cpu"
    number = int(wanted.partition(":")[2] or 0)
    if number >= count:
        raise Misconfigured(f"device is {wanted!r}, but this machine has {count} usable GPUs")
    return f"cuda:{number}"


def _gpus() -> int:
    """How many GPUs torch can use; it takes seconds to import, so not where there is no driver of them."""
    if "torch" not in sys.modules:
        try:
            ctypes.CDLL("libcuda.so.1")
        except OSError:
            return 0
    import torch

    return torch.cuda.device_count()


def _precision(wanted: str, device: str) -> str:
    if wanted == "auto":
        if device != "cpu":
            return "float16"
        return "bfloat16" if has_native_bfloat16() else "float32"
    if wanted == "float16" and device == "cpu":
        raise Misconfigured("precision is 'float16', which needs a GPU; on a CPU use auto")
    return wanted


def has_native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (avx512_bf16 or amx_bf16).

    torch emulates it everywhere else, slower than float32.
    """
    if _CPUS.is_file():
        flags = set(_CPUS.read_text().split())
        return bool(flags & {"avx512_bf16", "amx_bf16"})
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
