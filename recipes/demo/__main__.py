"""`python -m recipes.demo`: the main job, end to end, on the samples; it checks its own answers."""

import argparse
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from recipes.demo.samples import Question, Samples, read_samples
from samespace.cli.commands.add import ensure_collection, outcome_of, report, send, wait_for
from samespace.cli.commands.classify import classify_all, print_counts
from samespace.cli.commands.labels import classes_of
from samespace.cli.commands.up import interrupt, kill_at_next_signal
from samespace.cli.terminal.common import one_line
from samespace.cli.terminal.output import clean, print_table, snippet
from samespace.cli.terminal.progress import showing_progress
from samespace.client import Client
from samespace.client.views import Hit
from samespace.core.errors import SamespaceError, Unreadable
from samespace.core.settings import Settings, read_settings
from samespace.operations.stack.stack import Stack

ROOT = Path(__file__).parents[2]
COLLECTION = "samples"
BEST = 3
WIDTH = 80
INDENT = " " * 17


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 if a query found none of its right samples among the best three."""
    parser = argparse.ArgumentParser(prog="python -m recipes.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running until Ctrl-C")
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", help="the data folder")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return run(options.data, keep=options.keep)
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    except SamespaceError as error:
        print(f"demo: {one_line(error)}", file=sys.stderr)
        return 1


def run(data: Path, *, keep: bool) -> int:
    """Start the stack, show everything, stop it (or stay)."""
    began = time.monotonic()
    samples = read_samples(ROOT / "samples")
    settings = read_settings(data=data, port=free_port(keep=keep))
    say(f"starting the embedded stack in {settings.data} (a first start takes longest)")
    key = settings.api_key.get_secret_value() if settings.api_key else None
    with Stack(settings, report=print) as stack, Client(stack.url, key) as client:
        print(f"ready at {stack.url} after {time.monotonic() - began:.1f} s")
        try:
            wrong = show(client, samples, began)
            if keep:
                stay(stack.url)
        finally:
            kill_at_next_signal(stack)
            say("stopping")
    return conclude(wrong, len(samples.questions))


def show(client: Client, samples: Samples, began: float) -> list[Question]:
    """Add the samples and ask everything; answers the questions that were answered wrong."""
    add_samples(client, samples)
    wrong = []
    for kind, questions in groupby(samples.questions, key=lambda question: question.kind):
        say(kind.replace("-", " "))
        wrong += [question for question in questions if not ask(client, question)]
    print(f"\nthe last of these answers came {time.monotonic() - began:.1f} s after the start")
    classify_pictures(client, samples)
    say(f"classes of every picture of the collection: {', '.join(samples.labels)}")
    print_counts(
        classify_all(client, COLLECTION, classes_of(samples.labels), targets=["image"], best=BEST)
    )
    return wrong


def add_samples(client: Client, samples: Samples) -> None:
    """Upload what is there and wait until all of it is ready; Unreadable if something failed."""
    say(f"adding {len(samples.sources)} samples to collection {COLLECTION!r} through the HTTP API")
    ensure_collection(client, COLLECTION, None)
    names = [source.external_id or source.shown_name for source in samples.sources]
    with showing_progress() as progress:
        added = send(client, COLLECTION, samples.sources, {}, progress)
        jobs = wait_for(client, added["job_ids"], progress)
    outcome = outcome_of(names, added["documents"], jobs)
    report(outcome, waited=True)
    if outcome.failed or outcome.skipped:
        raise Unreadable("some samples could not be added, see above")


def ask(client: Client, question: Question) -> bool:
    """Ask, print the best three, say whether a right one is among them; the query's own pictures do not count."""
    print(f"\n  {question.shown}")
    answer = client.search(
        COLLECTION,
        parts=question.parts,
        targets=question.targets,
        limit=BEST + len(question.pictures),
    )
    others = (hit for hit in answer["hits"] if place(hit) not in question.pictures)
    best = list(others)[:BEST]
    for hit in best:
        print_hit(hit, is_right=place(hit) in question.right)
    found = any(place(hit) in question.right for hit in best)
    if not found:
        print(f"{INDENT}none of these is right; right are: {', '.join(sorted(question.right))}")
    return found


def place(hit: Hit) -> str:
    """The path of a hit under the folder of the samples."""
    return hit["document"]["external_id"] or hit["document"]["name"]


def print_hit(hit: Hit, *, is_right: bool) -> None:
    """A hit on a line, marked if it is right, and the beginning of its passage."""
    page = f", page {hit['page']}" if hit["page"] else ""
    mark = "right" if is_right else ""
    print(f"  {hit['score']:6.2f}  {mark:5}  {clean(place(hit))}{page}")
    for line in snippet(hit["text"] or "", WIDTH)[:1]:
        print(f"{INDENT}{line}")


def classify_pictures(client: Client, samples: Samples) -> None:
    """Zero-shot classes of the pictures whose class is known."""
    say(f"zero-shot classes of {len(samples.labelled)} pictures")
    rows, tally = [], Counter[bool]()
    for name, label in samples.labelled.items():
        image = (samples.folder / name).read_bytes()
        found = client.classify(COLLECTION, samples.labels, image=image)[0]
        best = found["probabilities"][0]
        tally[found["label"] == label] += 1
        mark = "right" if found["label"] == label else f"is {label}"
        rows.append([name, found["label"] or "none", f"{best['label']} {best['p']:.2f}", mark])
    print_table(["picture", "label", "likeliest", ""], rows)
    print(f"{tally[True]} of {tally.total()} right")


def conclude(wrong: Sequence[Question], total: int) -> int:
    """The last word, and the exit status."""
    for question in wrong:
        message = f"demo: none of the right samples is among the best {BEST}"
        print(f"{message}: {question.kind}: {question.name}", file=sys.stderr)
    say(f"{total - len(wrong)} of {total} queries found a right sample among the best {BEST}")
    return 1 if wrong else 0


def stay(url: str) -> None:
    """Leave everything running until somebody says stop."""
    say(f"running at {url} (try: samespace --url {url} search -c {COLLECTION} a red car)")
    print(f"the API's own pages are at {url}/docs; Ctrl-C stops")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


def free_port(*, keep: bool) -> int:
    """The usual port for a demo that stays, where it is free; else 0, any free one."""
    port: int = Settings.model_fields["port"].default
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port if keep else 0


def say(text: str) -> None:
    """A headline."""
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
