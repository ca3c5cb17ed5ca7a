"""Whether there is room for what is about to be written."""

import shutil
from pathlib import Path

from samespace.core.errors import OutOfSpace

_MB = 1 << 20


def check_space(folder: Path, needed: int) -> None:
    """OutOfSpace unless so many bytes are free on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutOfSpace(
            f"{folder} has {free // _MB} MB free, about {needed // _MB + 1} MB are needed"
        )
