"""The end of a run: until everything has come to its end without a person's hand, and what is then found."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import update

from benchmarks.chaos.asking import check_answers
from benchmarks.chaos.checks import (
    Broken,
    How,
    check_documents,
    check_index,
    check_leftovers,
    check_verify,
)
from benchmarks.chaos.http import Line
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.observe import GIVEN_UP, LOOSE, observe, unsettled
from benchmarks.chaos.stack import Running
from samespace.core.settings import Settings
from samespace.services import Services
from samespace.store.records import Role
from samespace.store.records.tables import garbage, indexes
from samespace.store.sql import writing
from samespace.wiring import open_services

_AT_REST_SECONDS = 3.0
_ASK_SECONDS = 120.0


def open_stores(stack: Running) -> Services:
    """The stores of the running stack, opened by ourselves."""
    return open_services(Settings(data=stack.data, milvus_uri=stack.lock()["index"]))


def wait_until_settled(services: Services, seconds: float, *, is_hasty: bool) -> Iterator[Broken]:
    """Until nothing has been under way for a moment; what still is at the end of the time is stuck.

    If hasty, the half minute before contents, and indexes that were given up, are let go of passes at once when all
    else is done.
    """
    deadline = time.monotonic() + seconds
    rest_since = None
    while True:
        left = unsettled(services)
        if is_hasty and left and set(left) <= {LOOSE, GIVEN_UP}:
            with writing(services.records.engine) as connection:
                connection.execute(update(garbage).values(not_before=0))
                past = indexes.c.role == Role.GIVEN_UP
                connection.execute(update(indexes).where(past).values(changed_at=0))
        now = time.monotonic()
        rest_since = None if left else rest_since or now
        if rest_since is not None and now - rest_since > _AT_REST_SECONDS:
            return
        if now > deadline:
            yield from (Broken(How.STUCK, f"{one} after {seconds:.0f} s") for one in left)
            return
        time.sleep(0.25)


def judge(
    ledger: Ledger, stack: Running, services: Services, line: Line
) -> tuple[list[Broken], int]:
    """Everything that is not as the ledger says, and how many documents were asked for."""
    tracked = ledger.all()
    observed = observe(services)
    broken = [
        *check_documents(tracked, observed),
        *check_index(observed),
        *check_leftovers(tracked, observed, ledger.unsure()),
        *check_verify(verify(stack.data)),
    ]
    wrong, asked = check_answers(tracked, observed, line, seconds=_ASK_SECONDS)
    return [*(Broken(How.WRONG, what) for what in ledger.wrong), *broken, *wrong], asked


def verify(data: Path) -> dict[str, Any]:
    """What `samespace verify --json` says."""
    command = [sys.executable, "-m", "samespace.cli.main", "verify", "--json", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1} or not done.stdout.strip():
        raise RuntimeError(f"verify ended with {done.returncode}: {done.stderr[-1000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
