"""The Python client: `Client` and `AsyncClient` with the same verbs; needs neither models nor the server's code."""

from samespace.client.aio import AsyncClient
from samespace.client.sync import Client
from samespace.client.uploads import Source, Url

__all__ = ["AsyncClient", "Client", "Source", "Url"]
