"""Signs of life of the parts of the embedded stack, asked for in a way that cannot hang itself."""

import http.client
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

import redis

_ANSWER_SECONDS = 5.0
_GET_VERSION = "/milvus.proto.milvus.MilvusService/GetVersion"


def listens(port: int) -> bool:
    """Whether something takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def serves(port: int) -> bool:
    """Whether the index answers a request; a connection is taken by the kernel whatever its process does."""
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            channel.unary_unary(_GET_VERSION)(b"", timeout=_ANSWER_SECONDS)
        except grpc.RpcError:
            return False
    return True


def pings(url: str) -> bool:
    """Whether the queue is at work."""
    try:
        return _ping(url)
    except redis.RedisError:
        return False


def replies(url: str) -> bool:
    """Whether the queue says anything: one whose disk is full, or that reads its file, refuses but does not hang."""
    try:
        return _ping(url)
    except (redis.ResponseError, redis.exceptions.BusyLoadingError):
        return True
    except redis.RedisError:
        return False


def _ping(url: str) -> bool:
    seconds = {"socket_timeout": _ANSWER_SECONDS, "socket_connect_timeout": _ANSWER_SECONDS}
    with redis.Redis.from_url(url, **seconds) as client:
        return bool(client.ping())


def answers(url: str) -> bool:
    """Whether the API answers this address, which is on this machine, with 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
