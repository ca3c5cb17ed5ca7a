"""Clients that ask, each over one kept connection, and what they had to wait for."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from samespace.client import Client
from samespace.client.views import Answer
from samespace.client.wire import Filter

_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds of one question as the client saw them, and of these the encoder's and the index's."""

    ms: float
    encode_ms: float
    index_ms: float
    answer: Answer

    @property
    def beyond_ms(self) -> float:
        """What neither encoder nor index took: ranking, records, HTTP, the client."""
        return self.ms - self.encode_ms - self.index_ms


def ask(
    client: Client, collection: str, questions: Sequence[str], where: Filter | None = None
) -> list[Asked]:
    """Each question by itself, one after the other."""
    return [_ask(client, collection, question, where) for question in questions]


def ask_for(
    seconds: float, clients: int, url: str, collection: str, questions: Iterator[str]
) -> tuple[list[Asked], float]:
    """So many clients at once, each asking again when it was answered; answers a second come with them."""
    lock = threading.Lock()
    until = time.perf_counter() + seconds

    def one() -> list[Asked]:
        seen: list[Asked] = []
        with Client(url, timeout=_TIMEOUT) as client:
            while time.perf_counter() < until:
                with lock:
                    question = next(questions)
                seen.append(_ask(client, collection, question, None))
        return seen

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        seen = [
            asked for each in [pool.submit(one) for _ in range(clients)] for asked in each.result()
        ]
    return seen, len(seen) / (time.perf_counter() - started)


def some(questions: Iterator[str], number: int) -> list[str]:
    """The next so many."""
    return list(islice(questions, number))


def _ask(client: Client, collection: str, question: str, where: Filter | None) -> Asked:
    started = time.perf_counter()
    answer = client.search(collection, question, filter=where)
    ms = 1000 * (time.perf_counter() - started)
    assert not answer["partial"], answer["missing"]
    return Asked(ms, answer["took_ms"]["encode"], answer["took_ms"]["index"], answer)
