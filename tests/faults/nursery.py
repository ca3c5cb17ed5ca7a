"""Parts of the stack that are there again in a moment: forked from a process that has imported what they need.

`python -m tests.faults.nursery worker api` keeps both running until it is told to stop, whatever they die of.
Importing torch and its like takes ten seconds of every start, and loading the model some more: tests that kill
at many points have not got them.
"""

import importlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from samespace.core.settings import Settings
from samespace.encoders.spaces import spaces_of

HEAVY = (
    *("torch", "open_clip", "sentence_transformers", "transformers", "timm", "pymilvus", "grpc"),
    *("celery.apps.worker", "celery.concurrency.thread", "kombu.transport.redis"),
    *("workers.main", "workers.tasks", "samespace.api.server", "samespace.encoders.starter"),
    "samespace.operations.stack.child",
)


def main(parts: list[str]) -> NoReturn:
    """Until SIGTERM; then the children are told to stop and waited for."""
    for name in HEAVY:
        importlib.import_module(name)
    _load_models()
    # Blocked but for the wait, so that no child is forked after we were told to stop.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    running = {_fork(part): part for part in parts}

    def stop(_: int, __: FrameType | None) -> None:
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        assert ended is not None
        os.waitpid(ended.si_pid, 0)
        part = running.pop(ended.si_pid)
        running[_fork(part)] = part


def _load_models() -> None:
    """Once for all children to come; on one thread, for a pool of threads would not survive a fork."""
    import torch

    from samespace.encoders import load

    torch.set_num_threads(1)
    settings = Settings()
    others = load.load_encoder
    models = {space: others(space, settings) for space in spaces_of(settings.preset)}
    load.load_encoder = lambda space, settings: models.get(space) or others(space, settings)


def _fork(part: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    from samespace.operations.stack import child

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    sys.argv[1:] = [part]
    status = 1
    try:
        status = child.main()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
