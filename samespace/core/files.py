"""Files that are written whole, and written down."""

import os
from pathlib import Path


def replace_text(file: Path, text: str) -> None:
    """Give a file this text in one step: whoever reads it sees all of it, or what was there before."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text)
    new.replace(file)


def fsync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk. A file may have been closed: the kernel keeps what went wrong
    for who asks first."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
