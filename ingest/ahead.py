"""Making the next things while the one at hand is worked on."""

import threading
from collections.abc import Generator, Iterable, Iterator
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterable[T], most: int = 1) -> Generator[T]:
    """The items in order, of which at most so many are made ahead, in a thread of their own.

    What making one raises is raised in its place. Closing the iterator waits until the one in the making is done; a
    generator is closed in the thread that ran it.
    """
    made: SimpleQueue[tuple[T, None] | tuple[None, BaseException | None]] = SimpleQueue()
    room, closing = threading.Semaphore(most), threading.Event()

    def make() -> None:
        source = iter(items)
        try:
            while room.acquire() and not closing.is_set():
                made.put((next(source), None))
        except StopIteration:
            made.put((None, None))
        except BaseException as error:
            made.put((None, error))
        finally:
            getattr(source, "close", lambda: None)()

    thread = threading.Thread(target=make, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield from _taken(made, room)
    finally:
        closing.set()
        room.release()
        thread.join()


def _taken(
    made: SimpleQueue[tuple[T, None] | tuple[None, BaseException | None]],
    room: threading.Semaphore,
) -> Iterator[T]:
    """What is made, until there is no more of it or making it fails."""
    while True:
        item, error = made.get()
        if error is not None:
            raise error
        if item is None:
            return
        room.release()
        yield item
