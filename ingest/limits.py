"""The limits of opening a document, out of the settings; the children that open it import no settings."""

from ingest.parsed import Limits
from samespace.core.settings import Settings


def limits_of(settings: Settings) -> Limits:
    """How much one document may hold here."""
    return Limits(settings.max_pixels, settings.max_pages, settings.max_characters)
