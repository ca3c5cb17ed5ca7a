"""Errors of pymilvus and gRPC as this project's own, with the server's address and never its token."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from samespace.core.errors import InvalidRequest, NotFound, SamespaceError, Unavailable

NOT_FOUND = {100, 1600}
INVALID = {5, 6, 1100}
"""Milvus's code of an invalid parameter, and Milvus Lite's of a schema and of an expression it refuses."""

EXISTS = re.compile(r"already exist|File exists", re.IGNORECASE)
MAX_MESSAGE = 300


@contextmanager
def translated(address: str, token: str, name: str = "") -> Iterator[None]:
    """Raise what pymilvus raises as NotFound, InvalidRequest or Unavailable; `name` is the collection meant."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        raise _translate(error.code, str(error.message), address, token, name) from None
    except grpc.RpcError as error:
        code = getattr(error, "code", lambda: None)()
        raise _translate(code, str(code), address, token, name) from None


@contextmanager
def ignoring_existing() -> Iterator[None]:
    """Let pass that another process made the same thing first."""
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        if not EXISTS.search(str(error.message)):
            raise


def _translate(code: object, message: str, address: str, token: str, name: str) -> SamespaceError:
    if code in NOT_FOUND:
        return NotFound(f"no collection {name} in the index at {address}")
    if token:
        message = message.replace(token, "***").replace(token.rpartition(":")[2], "***")
    text = f"index at {address}: {message[:MAX_MESSAGE]}"
    return InvalidRequest(text) if code in INVALID else Unavailable(text)
