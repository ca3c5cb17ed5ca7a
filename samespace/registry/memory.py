"""Whether a model fits into what is free."""

import json
import struct
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import psutil

from samespace.core.errors import InvalidRequest
from samespace.core.settings import MB
from samespace.encoders.device import Compute

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
# What is computed with it takes room as well.
_MORE = 1.2
# Of control groups, the newer kind and the older: the limit, what is used, and the part of that which files take.
_GROUPS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)
_GROUP_ROOT = Path("/sys/fs/cgroup")


def check_memory(files: Sequence[Path], compute: Compute) -> None:
    """InvalidRequest if weights of these files, computed with in this precision, do not fit into what is free."""
    needed = int(sum(_needed(file, compute) for file in files) * _MORE)
    free = free_bytes(compute.device)
    if needed > free:
        raise InvalidRequest(
            f"the model needs about {needed // MB + 1} MB in {compute.precision} on {compute.device}, where "
            f"{free // MB} MB are free"
        )


def free_bytes(device: str) -> int:
    """What is free of a GPU's memory, or of this machine's as far as this process may use it."""
    if device != "cpu":
        import torch

        return int(torch.cuda.mem_get_info(torch.device(device))[0])
    return min([psutil.virtual_memory().available, *_free_in_groups(_GROUP_ROOT)])


def _free_in_groups(root: Path) -> list[int]:
    found = []
    for limit, used, of_files in _GROUPS:
        try:
            taken = int((root / used).read_text())
            lines = (root / used).with_name("memory.stat").read_text().splitlines()
            given_back = dict(line.split() for line in lines).get(of_files, "0")
            found.append(int((root / limit).read_text()) - taken + int(given_back))
        except (OSError, ValueError):  # no such group, or one without a limit
            continue
    return found


def _needed(file: Path, compute: Compute) -> int:
    if file.suffix != ".safetensors":
        return file.stat().st_size if file.suffix == ".onnx" else 0
    tensors = header_of(file)
    return sum(
        prod(one["shape"]) * _BYTES[compute.precision]
        for name, one in tensors.items()
        if name != "__metadata__"
    )


def header_of(file: Path) -> dict[str, Any]:
    """What a safetensors file says of its tensors, by name; InvalidRequest for one that is none."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError("it is shorter than it says")
            said: dict[str, Any] = json.loads(stream.read(length))
    except (struct.error, ValueError) as error:
        raise InvalidRequest(
            f"{file.name} is no safetensors file, or is damaged: {error}"
        ) from error
    return said
