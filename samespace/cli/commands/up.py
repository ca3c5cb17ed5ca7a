"""`samespace up`: the embedded stack in the foreground."""

import signal
import threading
import webbrowser
from types import FrameType

from samespace.core.settings import Settings
from samespace.operations.stack.reports import Reports
from samespace.operations.stack.stack import Stack


def run_up(settings: Settings, *, open_browser: bool = False) -> int:
    """Run until Ctrl-C or SIGTERM; a second one does not wait for anything, and nothing waits for who reads this."""
    signal.signal(signal.SIGTERM, interrupt)
    with Reports() as reports:
        reports.say(f"samespace: data in {settings.data.resolve()}")
        try:
            with Stack(settings, report=reports.say) as stack:
                reports.say(f"ready at {stack.url}")
                reports.say(f"open it in a browser; logs in {stack.logs}; Ctrl-C stops")
                if open_browser and not open_page(stack.url):
                    reports.say("no browser could be started here")
                _wait_for_signal(stack, reports)
        except KeyboardInterrupt:
            reports.say("stopped while starting")
            return 130
        reports.say("stopped; everything that was accepted is kept")
        return 0


def open_page(url: str) -> bool:
    """Show a page in the browser of this machine (or of BROWSER); whether there was one to start."""
    return webbrowser.open(url)


def _wait_for_signal(stack: Stack, reports: Reports) -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        reports.say("stopping: work in progress is put back and goes on at the next start")
        kill_at_next_signal(stack)


def kill_at_next_signal(stack: Stack) -> None:
    """From now on SIGINT and SIGTERM do not wait for the parts that are stopping."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stack.kill())


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """A signal handler that ends the program as Ctrl-C does."""
    raise KeyboardInterrupt
