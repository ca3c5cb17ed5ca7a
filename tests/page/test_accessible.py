"""axe-core finds nothing to complain of, in any view, light and dark, narrow and wide."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_VIEWS = ("/", "/?q=a+cat", "/add", "/sort", "/collections")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(visit: Visit, library: str, theme: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.page.add_init_script(
        f"localStorage.setItem('theme', '{theme}'); localStorage.setItem('collection', '{library}')"
    )
    for view in _VIEWS:
        page = visit.open(view)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
