"""Launcher of the embedded index: Milvus Lite's own gRPC server, made safe for several writers.

Milvus Lite 3.2.2 loses acknowledged rows when two threads write to one collection, opens a collection
twice when two threads ask for it first, and hides rows from readers while it flushes: nothing in it
locks. `install_locks` puts one lock around each collection and one around the list of collections; the reads that
samespace makes are answered from a live table beside each collection (`samespace.store.lite`), which needs none.
"""

import argparse
import functools
import importlib.metadata
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from samespace.core.errors import Misconfigured
from samespace.core.hosts import is_loopback
from samespace.core.leisure import keep_what_is_there
from samespace.store.lite.locks import lock_of

LITE_VERSION = "3.2.2"
# What was not flushed is held in the log and in memory, read again at a start, and written in one go while others
# who write wait: 2 MB is a thousand passages and some milliseconds.
MEMTABLE_BYTES = 2 * 1024 * 1024
GRACE_SECONDS = 10.0
# A question takes the interpreter a few times for a moment: it must not wait 5 ms each time for a compaction.
SWITCH_SECONDS = 0.0005

COLLECTION_CALLS = (
    *("insert", "upsert", "delete", "flush", "close", "load", "release", "alter_properties"),
    *("create_index", "drop_index", "create_partition", "drop_partition"),
    *("get", "search", "query", "_num_entities"),
)
CATALOGUE_CALLS = (
    *("create_collection", "get_collection", "drop_collection", "rename_collection"),
    *("truncate_collection", "create_alias", "alter_alias", "drop_alias", "close"),
)


def check_version() -> None:
    """Misconfigured unless the installed Milvus Lite is the one whose calls are known here."""
    found = importlib.metadata.version("milvus-lite")
    if found != LITE_VERSION:
        raise Misconfigured(f"milvus-lite {LITE_VERSION} is needed, {found} is installed")


def check_host(host: str) -> None:
    """Misconfigured unless the address is a loopback one: Milvus Lite knows no users and no TLS."""
    if not is_loopback(host):
        raise Misconfigured(f"the embedded index binds to loopback only, not to {host}")


def install_locks() -> None:
    """Serialise the calls of each collection, and those on the list of collections.

    The lock is one per collection, so that the flush of one does not stop the others. Reads take it
    too: a flush swaps the memory table before its rows can be read from disk.
    """
    from milvus_lite.db import MilvusLite
    from milvus_lite.engine.collection import Collection

    for owner, names in ((Collection, COLLECTION_CALLS), (MilvusLite, CATALOGUE_CALLS)):
        for name in names:
            setattr(owner, name, _locked(getattr(owner, name)))


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        with lock_of(self):
            return method(self, *args, **kwargs)

    return call


def project_filters() -> None:
    """Let filters on JSON fields read only the columns they name.

    Milvus Lite turns whole rows, vectors included, into Python objects before it looks at them.
    """
    from milvus_lite.search.filter import eval as backends

    original = backends.evaluate_python

    def evaluate(compiled: Any, data: Any) -> Any:
        return original(compiled, data.select(list(compiled.fields)))

    backends.evaluate_python = evaluate


def remember_lists() -> None:
    """Let an `in` of a filter on JSON fields make the set of its values once.

    Milvus Lite makes it for every row: a rectangle of a map with a thousand items took seconds.
    """
    from milvus_lite.search.filter.ast import InOp
    from milvus_lite.search.filter.eval import python_backend as backend

    original = backend._eval_row

    def evaluate(node: Any, row: Any) -> Any:
        if not isinstance(node, InOp):
            return original(node, row)
        value, kept = original(node.field, row), node.__dict__
        if "_samespace_values" not in kept:
            kept["_samespace_values"] = {original(each, row) for each in node.values.elements}
        return None if value is None else (value in kept["_samespace_values"]) != node.negate

    backend._eval_row = evaluate


def serve(data_dir: Path, host: str, port: int, memtable_bytes: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is running, flush and close.

    `memtable_bytes` bounds what one flush writes, and so how long it makes others wait.
    """
    import milvus_lite.engine.collection as engine
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    from samespace.store.lite.at_once import offer
    from samespace.store.lite.install import install_live_tables

    engine.MEMTABLE_MEMORY_LIMIT = memtable_bytes
    install_locks()
    project_filters()
    remember_lists()
    install_live_tables()
    sys.setswitchinterval(SWITCH_SECONDS)
    threadpool_limits(1, "blas")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server, database, _ = start_server_in_thread(str(data_dir), host, port)
    offer(server, database)
    keep_what_is_there()
    stop.wait()
    server.stop(GRACE_SECONDS).wait()
    database.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments and serve; 2 where that is refused."""
    parser = argparse.ArgumentParser(prog="python -m samespace.store.lite_server")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--memtable-bytes", type=int, default=MEMTABLE_BYTES)
    options = parser.parse_args(arguments)
    try:
        check_version()
        check_host(options.host)
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    serve(options.data_dir, options.host, options.port, options.memtable_bytes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
