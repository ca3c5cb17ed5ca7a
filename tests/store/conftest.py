"""The three indexes under contract, and rows to fill them with."""

from collections.abc import Iterator
from itertools import count

import pytest

from samespace.store.index import Index
from samespace.store.index_memory import MemoryIndex
from samespace.store.index_milvus import MilvusIndex
from tests.services import Server

NAMES = (f"test_{number}" for number in count())


@pytest.fixture(
    scope="module",
    params=["memory", "lite", pytest.param("milvus", marks=pytest.mark.slow)],
)
def index(request: pytest.FixtureRequest) -> Index:
    if request.param == "memory":
        return MemoryIndex()
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return MilvusIndex(server.uri)


@pytest.fixture
def name(index: Index) -> Iterator[str]:
    """An empty collection of dimension 8."""
    name = next(NAMES)
    index.create(name, 8)
    yield name
    index.drop(name)


@pytest.fixture
def another(index: Index) -> Index:
    """What another process would hold."""
    return MilvusIndex(index._uri) if isinstance(index, MilvusIndex) else index
