"""Fixtures every test folder may use; the servers behind them are in `tests.services`."""

import gc
from collections.abc import Iterator

import pytest

from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.operations.stack.stack import Stack
from tests.services import CACHE, Server, run_lite_server, run_milvus_server, run_valkey

pytest_plugins = ("tests.sharing",)

# Else a third of the time until the first test goes into looking over a million objects that stay.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, and only among what is made from now on."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def encoders() -> Iterator[Encoders]:
    """The starter models, loaded once for all tests."""
    encoders = Encoders(Settings(device="cpu", precision="float32"))
    yield encoders
    encoders.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey of our own on a unix socket."""
    with run_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def lite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded index."""
    with run_lite_server(tmp_path_factory.mktemp("lite")) as server:
        yield server


@pytest.fixture(scope="module")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real Milvus 2.3.5; two do not start side by side, so each module has its own."""
    with run_milvus_server(tmp_path_factory.mktemp("milvus")) as server:
        yield server


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything at once, as `samespace up` runs it; what maps compile is kept for all runs."""
    data = tmp_path_factory.mktemp("stack")
    compiled = CACHE / "map" / "numba"
    compiled.mkdir(parents=True, exist_ok=True)
    (data / "cache").mkdir()
    (data / "cache" / "numba").symlink_to(compiled)
    with Stack(Settings(data=data, port=0)) as stack:
        yield stack
