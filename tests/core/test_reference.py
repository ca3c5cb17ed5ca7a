from samespace.core.reference import configuration_page
from tests.services import ROOT


def test_configuration_page_is_current() -> None:
    """If this fails: python -m samespace.core.reference > docs/configuration.md"""
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration_page()
