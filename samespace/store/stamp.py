"""Whether anybody has written to a database since it was last looked at."""

import threading

from sqlalchemy import Connection, Engine

from samespace.store.sql import available


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
            return int(self._connection.exec_driver_sql("PRAGMA data_version").scalar_one())

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
