"""What of the client is generated is as it would be generated now."""

import pytest

from recipes import client


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return client.render()


def test_the_answers_are_typed_as_the_models_say(generated: dict[str, str]) -> None:
    assert (client.FOLDER / "views.py").read_text() == generated["views.py"], (
        "make it again: python -m recipes.client"
    )


def test_the_client_that_waits_is_made_of_the_one_that_is_awaited(
    generated: dict[str, str],
) -> None:
    assert (client.FOLDER / "sync.py").read_text() == generated["sync.py"], (
        "make it again: python -m recipes.client"
    )
