"""A part of the embedded stack as a child process: it ends when the stack's own process is gone.

`python -m samespace.operations.stack.child [--log FILE] [--pulse SECONDS] api|worker|index [arguments]`; with `--log`
it writes on to the file of that name when its log is renamed, with `--pulse` it writes a byte so often to its
standard input, a pipe whose other end the stack listens at.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from samespace.core.leisure import leave, put_off_collecting
from samespace.core.processes.child import end_with_parent
from samespace.core.secrets import hide_secrets
from samespace.core.settings import Settings
from samespace.operations.stack.logs import follow

_STDIN = 0


def main() -> int:
    """Run the part that the first argument names, with the settings of the environment."""
    # Elsewhere than on Linux the next start of the stack ends what was left over.
    end_with_parent(signal.SIGTERM)
    put_off_collecting()
    if sys.argv[1] == "--log":
        follow(Path(sys.argv[2]))
        del sys.argv[1:3]
    if sys.argv[1] == "--pulse":
        seconds = float(sys.argv[2])
        threading.Thread(target=_pulse, args=[seconds], name="pulse", daemon=True).start()
        del sys.argv[1:3]
    part = sys.argv.pop(1)
    if part == "index":
        from samespace.store.lite_server import main as run_index

        return run_index(sys.argv[1:])
    settings = Settings()
    hide_secrets(settings)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if part == "worker":
        from workers.main import run_worker

        return run_worker(settings)
    from samespace.api.server import serve

    serve(settings)
    return 0


def _pulse(seconds: float) -> None:
    """Say that this process lives until nobody listens any more; a full pipe is as good as a byte."""
    os.set_blocking(_STDIN, False)
    with contextlib.suppress(BrokenPipeError):
        while True:
            with contextlib.suppress(BlockingIOError):
                os.write(_STDIN, b".")
            time.sleep(seconds)


if __name__ == "__main__":
    leave(main())
