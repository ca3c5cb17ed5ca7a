"""The pages that are made from the code are of this code."""

import pytest

from recipes.docs import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name: str) -> None:
    """If this fails: python -m recipes.docs"""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
