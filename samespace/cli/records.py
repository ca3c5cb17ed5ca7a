"""The records, opened by the commands that need no server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from samespace.core.settings import Settings
    from samespace.store.records import Records


def records_url(settings: "Settings") -> str:
    """Where the records are: the URL of the settings, or the data folder of the embedded stack."""
    return settings.database_url or f"sqlite:///{settings.data / 'records.db'}"


def open_records_of(settings: "Settings") -> "Records":
    """The records of the settings; Unavailable if their server is not there."""
    from samespace.store.records import open_records

    if settings.database_url is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    return open_records(records_url(settings))
