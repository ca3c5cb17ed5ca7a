"""What the tests of faults share: the API's world, and one whole stack whose parts die where a file says so."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from samespace.core.faults import POINTS, arm
from tests.faults.whole import url
from tests.workers.farm import Farm, run_farm


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


@pytest.fixture(scope="session")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a file named after a point is the next death at it."""
    return tmp_path_factory.mktemp("deaths")


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory, deaths: Path) -> Iterator[Farm]:
    """Index, queue, API and a worker; worker and API are there again in a moment when they die."""
    faults = ",".join(f"{point}=kill:{deaths / point}" for point in POINTS)
    data = tmp_path_factory.mktemp("farm") / "data"
    with run_farm(data, faults=faults, lease_seconds=2, max_attempts=20) as running:
        arm("")  # not in this process
        running.start_nursery("worker", "api")
        running.wait_until(lambda: is_ready(running))
        yield running


def is_ready(farm: Farm) -> bool:
    """Whether the API says so."""
    try:
        return httpx.get(f"{url(farm)}/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
