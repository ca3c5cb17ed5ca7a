"""Where learning computes in half precision."""

import torch

from samespace.encoders.device import has_native_bfloat16


def forward(device: torch.device) -> torch.autocast:
    """Passes without a gradient: bfloat16 where the hardware multiplies it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=_is_fast(device))


def training(device: torch.device) -> torch.autocast:
    """Passes with a gradient: bfloat16 on a GPU.

    On a CPU the gradients of depthwise convolutions are slower in bfloat16: the upper stages of
    EfficientNet-Lite0 made 88 pictures a second in it and 126 in float32.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type != "cpu")


def _is_fast(device: torch.device) -> bool:
    return device.type != "cpu" or has_native_bfloat16()
