"""One lock for each collection of Milvus Lite, and one for its list of collections."""

import threading
from typing import Any


def lock_of(owner: Any) -> Any:
    """The reentrant lock that the writes of this collection, or of the list of collections, take one after another."""
    return owner.__dict__.setdefault("_samespace_lock", threading.RLock())
