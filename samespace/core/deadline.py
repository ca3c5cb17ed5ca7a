"""Until when something is waited for."""

import time


def seconds_left(until: float) -> float:
    """The seconds until a moment of the monotonic clock; TimeoutError when it has passed."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
