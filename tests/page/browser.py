"""The installed Chromium, which tests and screenshots of the page drive."""

import shutil

from playwright.sync_api import Browser, Playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox of its own in a container, and nothing that it would ask of anybody on its own account.
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    """Start it without a window; FileNotFoundError where it is not installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise FileNotFoundError(f"no program named {' or '.join(PROGRAMS)}; .ci/run installs one")
    return playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
