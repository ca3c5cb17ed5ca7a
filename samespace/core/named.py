"""What a row names by where it stands, so that the row itself stays light."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def named(place: str) -> Callable[..., Any]:
    """What stands at `module:name`, imported when it is needed."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
