"""A link may be slow, and may stall; it may not drip for ever. Time is what the test says it is."""

import asyncio

import anyio
import pytest
from starlette.types import Message

from samespace.api.middleware import slow_clients as pace
from samespace.api.middleware.slow_clients import Pace
from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings


class Clock:
    """A sender whose waits take no time; a wait that is longer than allowed ends as a real one would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.allowed = 0.0
        monkeypatch.setattr(pace, "monotonic", lambda: self.now)
        fail_after = anyio.fail_after

        def allowing(seconds: float | None, *, shield: bool = False) -> object:
            self.allowed = seconds or 0.0
            return fail_after(None, shield=shield)

        monkeypatch.setattr("samespace.api.middleware.slow_clients.anyio.fail_after", allowing)

    async def send(self, body: Pace, seconds: float, size: int) -> None:
        """So many bytes after so many seconds."""

        async def receive() -> Message:
            if seconds >= self.allowed:
                raise TimeoutError
            self.now += seconds
            return {"type": "http.request", "body": b"x" * size, "more_body": True}

        await body.next(receive)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def run(clock: Clock, *sent: tuple[float, int], **limits: float) -> float:
    """When all was sent."""

    async def go() -> None:
        body = Pace(Settings.model_validate(limits))
        for seconds, size in sent:
            await clock.send(body, seconds, size)

    asyncio.run(go())
    return clock.now


def test_a_phone_on_a_slow_link_sends_a_large_file(clock: Clock) -> None:
    """1.1 KB a second for three hours, with a stall of 25 s in every two minutes."""
    minutes = [(1.0, 1400)] * 95 + [(25.0, 1400)]
    assert run(clock, *minutes * 90) > 3 * 3600 - 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([(5.0, 1)] * 10, "the body comes too slowly: 6 bytes so far"),
        ([(1.0, 900)] * 1000, "the body comes too slowly: "),
        ([(0.1, 50_000_000)] + [(5.0, 1)] * 10, "the body comes too slowly: 50000006 bytes so far"),
        ([(30.0, 1)], "nothing more of the body came for 30 seconds"),
        (
            [(1.0, 5000)] * 20_000,
            "the body takes longer than allowed (SAMESPACE_BODY_TOTAL_SECONDS)",
        ),
    ],
    ids=["drips", "too slow", "fast at first", "silent", "for ever"],
)
def test_a_client_that_holds_its_place_is_given_up(
    clock: Clock, sent: list[tuple[float, int]], said: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        run(clock, *sent)
    assert str(raised.value).startswith(said)


def test_a_drip_is_given_up_after_the_grace(clock: Clock) -> None:
    with pytest.raises(InvalidRequest):
        run(clock, *[(5.0, 1)] * 100)
    assert clock.now == pytest.approx(30.0)


def test_without_a_rate_only_silence_counts(clock: Clock) -> None:
    assert run(clock, *[(29.0, 1)] * 100, body_rate=0) == pytest.approx(2900.0)
