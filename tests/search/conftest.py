"""Worlds to search in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.search.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty collection of one space that takes words and pictures."""
    return make_world(tmp_path)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., World]:
    """Make an empty collection with options."""
    return lambda **options: make_world(tmp_path, **options)
