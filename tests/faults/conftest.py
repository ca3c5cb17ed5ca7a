"""What the tests of faults share: the fixtures of the API's world."""

from collections.abc import Iterator

import pytest

from samespace.core.faults import arm
from tests.api.conftest import encoders, redis_url

__all__ = ["encoders", "redis_url"]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")
