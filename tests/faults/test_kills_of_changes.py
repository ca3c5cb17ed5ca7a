"""kill -9 while the model of a collection is changed: searches ask exactly one index, and nothing is lost or left."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from samespace.core.types import State
from samespace.store.records import Collection, Role
from samespace.store.records.tables import indexes
from samespace.store.sql import writing
from tests.encoders.tiny import DIM, write_tiny
from tests.faults.conftest import is_ready
from tests.faults.points import AT_BUILD, AT_SWITCH
from tests.faults.whole import assert_whole, url
from tests.workers.farm import Farm

pytestmark = pytest.mark.slow

MANY = 12
TEXTS = [f"Lighthouse {number} stands on a rock." for number in range(MANY)]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model to change to."""
    return f"st:{write_tiny(tmp_path_factory.mktemp('models'))}"


@pytest.fixture
def collection(farm: Farm, request: pytest.FixtureRequest) -> Collection:
    made = farm.collection(
        "".join(c if c.isalnum() else "-" for c in request.node.name)[-60:].strip("-")
    )
    farm.submit(farm.accept(made, TEXTS))
    farm.wait_for(made, State.READY, MANY)
    return made


def ask(farm: Farm, collection: Collection, verb: str = "", **body: Any) -> httpx.Response:
    address = f"{url(farm)}/v1/collections/{collection.name}/model{verb}"
    return httpx.post(address, json=body, timeout=120)


def state(farm: Farm, collection: Collection) -> str | None:
    """How far the change is, by the API; None where it does not answer just now, or there is none."""
    try:
        answer = httpx.get(f"{url(farm)}/v1/collections/{collection.name}/model").json()
    except httpx.HTTPError:
        return None
    return answer["change"] and str(answer["change"]["state"])


def now(farm: Farm, collection: Collection) -> Collection:
    return farm.services.records.collections.get(collection.id)


def build(farm: Farm, collection: Collection, new: str, **more: Any) -> None:
    assert ask(farm, collection, model=new, **more).is_success
    farm.wait_until(lambda: state(farm, collection) == ("swapped" if more else "built"))


def assert_answers(farm: Farm, collection: Collection, dim: int) -> None:
    """Searches ask one index, which holds everything, and all stores agree."""
    farm.wait_until(lambda: is_ready(farm))
    assert [one.dim for one in now(farm, collection).live] == [dim]
    assert_whole(farm, now(farm, collection), MANY)
    address = f"{url(farm)}/v1/collections/{collection.name}/search"
    answer = httpx.post(address, json={"query": TEXTS[0], "limit": 50}, timeout=120).json()
    assert (len(answer["hits"]), answer["partial"]) == (MANY, False)


@pytest.mark.parametrize("point", AT_BUILD)
def test_a_worker_killed_while_it_builds(
    farm: Farm, deaths: Path, collection: Collection, new: str, point: str
) -> None:
    (deaths / point).touch()
    assert ask(farm, collection, model=new).is_success
    farm.wait_until(lambda: not (deaths / point).exists())
    farm.wait_until(lambda: state(farm, collection) == "built")
    assert_answers(farm, collection, 384)
    assert ask(farm, collection, "/swap").is_success
    assert_answers(farm, collection, DIM)


def test_the_api_killed_while_it_begins(
    farm: Farm, deaths: Path, collection: Collection, new: str
) -> None:
    """What is on record is built, whether or not anybody was told."""
    (deaths / "change.begun").touch()
    with pytest.raises(httpx.TransportError):
        ask(farm, collection, model=new)
    farm.wait_until(lambda: state(farm, collection) == "built")
    assert_answers(farm, collection, 384)


@pytest.mark.parametrize("point", AT_SWITCH)
def test_the_api_killed_while_it_swaps_and_goes_back(
    farm: Farm, deaths: Path, collection: Collection, new: str, point: str
) -> None:
    build(farm, collection, new)
    for verb, before, after in (("/swap", 384, DIM), ("/back", DIM, 384)):
        (deaths / point).touch()
        with pytest.raises(httpx.TransportError):
            ask(farm, collection, verb)
        assert_answers(farm, collection, before if point == "change.switching" else after)
        assert ask(farm, collection, verb).is_success
        assert_answers(farm, collection, after)


@pytest.mark.parametrize("point", AT_SWITCH)
def test_a_worker_killed_while_it_swaps(
    farm: Farm, deaths: Path, collection: Collection, new: str, point: str
) -> None:
    (deaths / point).touch()
    build(farm, collection, new, swap=True)
    assert not (deaths / point).exists()
    assert_answers(farm, collection, DIM)


def test_killed_while_what_was_before_is_given_up(
    farm: Farm, deaths: Path, collection: Collection, new: str
) -> None:
    """The API as it is asked, then the worker that removes it."""
    build(farm, collection, new, swap=True)
    [before] = [one for one in now(farm, collection).indexes if one.role is Role.RETIRED]
    (deaths / "change.given_up").touch()
    with pytest.raises(httpx.TransportError):
        httpx.delete(f"{url(farm)}/v1/collections/{collection.name}/model")
    assert_answers(farm, collection, DIM)
    (deaths / "change.dropped").touch()
    with writing(farm.services.records.engine) as connection:
        connection.execute(update(indexes).values(changed_at=0))
    farm.wait_until(lambda: not (deaths / "change.dropped").exists())
    farm.wait_until(lambda: not farm.services.records.indexes.given_up())
    assert not farm.services.index.exists(before.index_name)
    assert_answers(farm, collection, DIM)
