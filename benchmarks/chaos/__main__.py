"""`make chaos MINUTES=5 SEED=1`: load on the whole stack while its processes are killed; then every promise is checked.

Ends with status 1, naming what broke, and leaves the data folder and the logs where it says.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks.chaos.report import show, write
from benchmarks.chaos.run import Plan, run

console = Console()


def main() -> int:
    """Run; 1 if a promise was broken."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="samespace-chaos-"))
    plan = Plan(
        seed=options.seed,
        seconds=options.minutes * 60,
        clients=options.clients,
        workers=options.workers,
        lease=options.lease,
    )
    console.print(f"chaos: seed {plan.seed}, {plan.seconds:.0f} s, in {folder}")
    began = time.monotonic()
    figures = run(plan, folder, console.print)
    write(figures, options.out)
    show(figures, console)
    console.print(f"{time.monotonic() - began:.0f} s altogether; figures in {options.out}")
    if figures.broken:
        console.print(f"the data, the logs and ledger.jsonl are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--lease", type=float, default=10.0, help="SAMESPACE_LEASE_SECONDS")
    parser.add_argument("--out", type=Path, default=Path("chaos.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
