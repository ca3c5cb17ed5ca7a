"""What to do when a service that a test needs cannot be started: skip at home, fail in CI."""

import os
from typing import NoReturn

import pytest


def missing(service: str, error: BaseException) -> NoReturn:
    """End the test; in CI nothing may go untested because a service was not there."""
    message = f"{service} cannot be started here: {error!r}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
