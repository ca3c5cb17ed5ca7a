"""An S3 server of its own (moto's) on a free loopback port."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def s3() -> Iterator[str]:
    """The endpoint's URL."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
