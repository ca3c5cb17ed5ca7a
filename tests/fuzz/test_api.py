"""Whatever the description of the API allows, and much that it does not, is answered as it says, never by a 500."""

from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from samespace.api.app import make_app
from samespace.api.context import PUBLIC
from samespace.core.settings import Settings
from tests.api.world import HOME, World, open_world
from tests.fuzz.light import LightEncoders

pytestmark = pytest.mark.slow

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(make_app(Settings()).openapi())
OPERATIONS: list[Any] = [
    getattr(found, "ok", lambda: None)() for found in SCHEMA.get_all_operations()
]
# Its answer ends with the collection: a client that waits for the whole of it waits for ever.
ENDLESS = "GET /v1/collections/{collection}/events"
ENDING = [operation for operation in OPERATIONS if operation.label != ENDLESS]


def sent(case: Any, world: World) -> Any:
    """The response to a case, with its body and headers as they would travel."""
    wanted = case.as_transport_kwargs(base_url=HOME)
    wanted.pop("cookies", None)
    ready: Any = requests.Request(**wanted).prepare()
    headers = {**ready.headers, "Host": "127.0.0.1"}
    return world.client.request(ready.method, ready.url, content=ready.body, headers=headers)


def aimed(case: Any, world: World, at_home: bool) -> None:
    """Let the case hit what exists, if it is to, and load no model of a name that was made up."""
    records = world.services.records
    if at_home and case.operation.label != "DELETE /v1/collections/{collection}":
        known = records.documents.page(records.collections.find("house").id)
        first = min(known, key=lambda doc: doc.name).id if known else "none"
        there = {"collection": "house", "document": first}
        case.path_parameters |= {name: there[name] for name in there.keys() & case.path_parameters}
    if isinstance(case.body, dict) and ":" in str(case.body.get("preset")):
        case.body["preset"] = "starter"
    if isinstance(case.body, dict) and {":", "/"} & set(str(case.body.get("source"))):
        case.body["source"] = "/no/such/folder"


def bounded(examples: int) -> settings:
    """So many examples, the same ones in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation", ENDING, ids=lambda one: one.label)
def test_every_answer_is_as_described(api: World, operation: Any, mode: GenerationMode) -> None:
    takes_something = operation.body or operation.query or operation.path_parameters
    if mode is GenerationMode.NEGATIVE and not takes_something:
        pytest.skip("it takes nothing that could be wrong")

    @bounded(8)
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def answered(case: Any, at_home: bool) -> None:
        aimed(case, api, at_home)
        case.validate_response(sent(case, api), checks=CHECKS)

    answered()


def test_without_a_key_nothing_is_answered(
    tmp_path: Path, redis_url: str, encoders: LightEncoders
) -> None:
    """Whatever is asked, however it is asked: 401, and the bodies say no more than that."""
    with open_world(tmp_path, redis_url, encoders, device="cpu", api_key="secret") as world:

        @bounded(3)
        @given(st.data())
        def refused(data: st.DataObject) -> None:
            for operation in OPERATIONS:
                case = data.draw(operation.as_strategy())
                case.headers.pop("Authorization", None)
                response = sent(case, world)
                assert response.status_code == 401 or operation.path in PUBLIC
                case.validate_response(response, checks=CHECKS)

        refused()
