"""Whether anybody has written to a database since it was last looked at."""

import sqlite3
import threading

from sqlalchemy import Connection, Engine

from samespace.store.sql import available

_ASKED = "PRAGMA data_version"


class Stamp:
    """A number that is another one after each change, whoever made it; SQLite knows one, on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Two databases in memory, or two connections to one, have nothing to do with each other.
        self._knows = engine.dialect.name == "sqlite" and bool(engine.url.database)
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def now(self) -> int | None:
        """The number, cheaper than any look at a table; None where the database knows none. Unavailable."""
        if not self._knows:
            return None
        with self._lock, available(self._engine):
            if self._connection is None:
                self._connection = self._engine.connect()
            return _version(self._connection)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _version(connection: Connection) -> int:
    """By the driver itself, which takes a tenth of the time; what is wrong is SQLAlchemy's to say."""
    driver = connection.connection.dbapi_connection
    try:
        return int(driver.execute(_ASKED).fetchone()[0])  # type: ignore[union-attr]
    except (sqlite3.Error, AttributeError):
        return int(connection.exec_driver_sql(_ASKED).scalar_one())
