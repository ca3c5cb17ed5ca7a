"""The three indexes under contract, and rows to fill them with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import pytest

from samespace.store.index import Index
from samespace.store.index_milvus import MilvusIndex
from tests.services import Server
from tests.store.memory_index import MemoryIndex

NAMES = (f"test_{number}" for number in count())


@pytest.fixture(
    scope="module",
    params=["memory", "lite", pytest.param("milvus", marks=pytest.mark.slow)],
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def index(kind: str, request: pytest.FixtureRequest) -> Index:
    if kind == "memory":
        return MemoryIndex()
    server: Server = request.getfixturevalue(f"{kind}_server")
    return MilvusIndex(server.uri)


@pytest.fixture(scope="module")
def empty(kind: str, index: Index, request: pytest.FixtureRequest) -> Iterator[Iterator[str]]:
    """One collection for each test that asks, made ahead: Milvus lets each wait seconds, but all at once."""

    def made(name: str) -> str:
        index.create(name, 8)
        return name

    wanted = sum(
        item.path == request.path
        and "name" in item.fixturenames
        and item.callspec.params["kind"] == kind
        for item in request.session.items
        if isinstance(item, pytest.Function)
    )
    with ThreadPoolExecutor(8) as threads:
        yield threads.map(made, islice(NAMES, wanted))


@pytest.fixture
def name(index: Index, empty: Iterator[str]) -> Iterator[str]:
    """An empty collection of dimension 8."""
    name = next(empty)
    yield name
    index.drop(name)


@pytest.fixture
def another(index: Index) -> Index:
    """What another process would hold."""
    return MilvusIndex(index._uri) if isinstance(index, MilvusIndex) else index
