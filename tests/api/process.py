"""The API as a process, with an index in memory: `python -m tests.api.process FOLDER REDIS_URL PORT`."""

import sys
from pathlib import Path

from samespace.api.app import make_app
from samespace.api.server import run
from samespace.core.settings import Settings
from tests.api.world import services_of
from tests.fuzz.light import LightEncoders


def main(folder: str, redis_url: str, port: str) -> None:
    """Answer until told to stop."""
    settings = Settings(data=Path(folder), redis_url=redis_url, port=int(port), log_level="WARNING")
    run(make_app(settings, services_of(settings, LightEncoders())), settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
