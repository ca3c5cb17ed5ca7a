"""A house for each test; the models and the child process are shared by all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sandbox import Sandbox
from samespace.encoders.load import Encoders
from tests.ingest.house import House, open_house


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, 30, 1024) as sandbox:
        yield sandbox


@pytest.fixture
def house(tmp_path: Path, encoders: Encoders, sandbox: Sandbox) -> Iterator[House]:
    with open_house(tmp_path, encoders, sandbox) as house:
        yield house
