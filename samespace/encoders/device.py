"""Where and how finely an encoder computes. Nothing here runs at import, so no CUDA before a fork."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings

if TYPE_CHECKING:
    import torch


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


def _device(wanted: str) -> str:
    if wanted == "cpu":
        return "cpu"
    import torch

    count = torch.cuda.device_count()
    if wanted == "auto":
        return "cuda:0" if count else "cpu"
    number = int(wanted.partition(":")[2] or 0)
    if number >= count:
        raise Misconfigured(f"device is {wanted!r}, but this machine has {count} usable GPUs")
    return f"cuda:{number}"


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
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
