"""What holds for every view of the page."""

import json

import pytest

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_the_page_is_light(visit: Visit) -> None:
    sizes: list[int] = []
    visit.page.on(
        "response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0)))
    )
    visit.open("/")
    visit.page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 150_000, json.dumps(sizes)
