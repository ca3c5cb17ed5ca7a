"""Who fetches documents by their URL: `ingest.fetch` if that is allowed; else nobody, and its libraries stay away."""

from typing import BinaryIO, Protocol

from ingest.addresses import OFF
from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings


class Fetches(Protocol):
    """Whatever gets documents by their URLs; `ingest.fetch.Fetcher` is one."""

    def fetch(self, url: str, into: BinaryIO) -> str:
        """Write the bytes of a document to a file; answers the name that the URL gives it."""

    def close(self) -> None:
        """Fetch nothing any more."""


class Nobody:
    """Fetches nothing."""

    def fetch(self, url: str, into: BinaryIO) -> str:  # noqa: ARG002
        """InvalidRequest."""
        raise InvalidRequest(OFF)

    def close(self) -> None:
        """Nothing is open."""


def open_fetcher(settings: Settings) -> Fetches:
    """The one that the settings ask for."""
    if not settings.fetch_urls:
        return Nobody()
    from ingest.fetch import Fetcher

    return Fetcher(settings)
