"""One run: start the stack, load it, harm it, let it settle, judge it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.changing import Changing
from benchmarks.chaos.checks import Broken
from benchmarks.chaos.contents import make
from benchmarks.chaos.faults import Faults
from benchmarks.chaos.http import Line
from benchmarks.chaos.ledger import Ledger, Said
from benchmarks.chaos.load import COMMON, Client, abilities, make_collection
from benchmarks.chaos.model import write_model
from benchmarks.chaos.recovery import Recovery
from benchmarks.chaos.report import Figures, tally
from benchmarks.chaos.schedule import Action, Harm, Sort, faults
from benchmarks.chaos.settling import judge, open_stores, wait_until_settled
from benchmarks.chaos.stack import Running
from benchmarks.chaos.watch import Watch
from samespace.core.settings import Settings
from samespace.wiring import open_records_of

_SETTLE_SECONDS = 300.0
_LAST_ANSWER_SECONDS = 300.0


# Workers are killed so often here that a good document can lose three by bad luck, and then fails as promised.
_MAX_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run; `lease` in seconds, `workers` and `_MAX_ATTEMPTS` differ from the product's defaults.

    `is_hasty` does not wait at the end for what only time has to bring.
    """

    seed: int
    seconds: float
    clients: int = 3
    workers: int = 2
    lease: float = 10.0
    most_everything: int | None = None
    is_hasty: bool = False


@dataclass(frozen=True, slots=True)
class _End:
    broken: list[Broken]
    asked: int
    settled: float


def run(plan: Plan, folder: Path, report: Callable[[str], None]) -> Figures:
    """The figures of a run in a folder, which holds data, logs and `ledger.jsonl` afterwards."""
    settings = {
        "SAMESPACE_WORKERS": str(plan.workers),
        "SAMESPACE_LEASE_SECONDS": str(plan.lease),
        "SAMESPACE_MAX_ATTEMPTS": str(_MAX_ATTEMPTS),
    }
    stack = Running(folder, settings)
    model = write_model(folder / "model")
    recovery = Recovery()
    with (folder / "ledger.jsonl").open("w") as log:
        ledger = Ledger(log)
        stack.start()
        try:
            stack.wait_until_ready()
            _load_and_harm(plan, stack, ledger, recovery, report, model=model)
            report("settling")
            end = _settle_and_judge(plan, stack, ledger, report)
        finally:
            stack.stop()
    return _figures(plan, ledger, recovery, end)


def _load_and_harm(
    plan: Plan,
    stack: Running,
    ledger: Ledger,
    recovery: Recovery,
    report: Callable[[str], None],
    *,
    model: str,
) -> None:
    line = Line(stack.url, ledger)
    make_collection(COMMON, line)
    can = abilities(line)
    watch = Watch(open_records_of(Settings(data=stack.data)), recovery)
    clients = [
        Client(
            number,
            seed=plan.seed,
            line=Line(stack.url, ledger),
            ledger=ledger,
            recovery=recovery,
            can=can,
            changing=_changing(model, Line(stack.url, ledger)),
        )
        for number in range(plan.clients)
    ]
    watch.start()
    for client in clients:
        client.start()
    harm = Faults(stack, plan.lease, plan.workers, recovery)
    try:
        _harm(plan, harm, ledger, report)
    finally:
        for client in clients:
            client.stopping.set()
        harm.go_on()
        for client in clients:
            client.join(_LAST_ANSWER_SECONDS)
    if Action.CHANGE in can:
        _changing(model, line).end()
    _probe(plan, line, ledger, recovery)
    watch.stopping.set()
    watch.join()


def _changing(model: str, line: Line) -> Changing:
    return Changing(f"/v1/collections/{COMMON}/model", model, line)


def _harm(plan: Plan, harm: Faults, ledger: Ledger, report: Callable[[str], None]) -> None:
    deadline = time.monotonic() + plan.seconds
    for fault in faults(plan.seed, plan.most_everything):
        if time.monotonic() + fault.pause > deadline:
            time.sleep(max(0.0, deadline - time.monotonic()))
            return
        time.sleep(fault.pause)
        began = time.monotonic()
        done = harm.commit(fault)
        if fault.harm is Harm.EVERYTHING:
            deadline += time.monotonic() - began  # it is no time under load while all of it starts
        ledger.note("fault", harm=fault.harm, done=done)
        left = max(0.0, deadline - time.monotonic())
        report(f"{left:4.0f} s left: {fault.harm}{'' if done else ' (nothing to harm)'}")


def _probe(plan: Plan, line: Line, ledger: Ledger, recovery: Recovery) -> None:
    """One more upload, turn and search, so that recovery from the last faults is measured too."""
    doc = ledger.new(COMMON, "probe")
    content = make(Sort.TEXT, plan.seed, "probe", 1)
    ledger.sending(doc, content)
    body = {
        "text": content.text,
        "external_id": "probe",
        "metadata": {"external": "probe", "version": 1},
    }
    path = f"/v1/collections/{COMMON}"
    added = line.insist("POST", f"{path}/documents", expected={202}, json=body)
    ledger.added(doc, 1, Said.YES, added.body["documents"][0]["id"])
    recovery.succeeded("upload", added.began)
    deadline = time.monotonic() + _LAST_ANSWER_SECONDS
    while time.monotonic() < deadline:
        view = line.ask("GET", f"{path}/documents/{doc.id}", expected={200})
        asked = line.ask("POST", f"{path}/search", expected={200}, json={"query": content.text})
        if asked.said is Said.YES and not asked.body["partial"]:
            recovery.succeeded("search", asked.began)
        if view.said is Said.YES and view.body["state"] == "ready":
            time.sleep(1.0)  # for the watch to see it
            return
        time.sleep(0.5)


def _settle_and_judge(
    plan: Plan, stack: Running, ledger: Ledger, report: Callable[[str], None]
) -> _End:
    services = open_stores(stack)
    line = Line(stack.url, ledger)
    try:
        began = time.monotonic()
        stuck = list(wait_until_settled(services, _SETTLE_SECONDS, is_hasty=plan.is_hasty))
        settled = time.monotonic() - began
        report(f"settled after {settled:.0f} s; checking")
        broken, asked = judge(ledger, stack, services, line)
        return _End([*stuck, *broken], asked, settled)
    finally:
        line.close()
        services.close()


def _figures(plan: Plan, ledger: Ledger, recovery: Recovery, end: _End) -> Figures:
    seconds, what = recovery.longest()
    return Figures(
        seed=plan.seed,
        minutes=plan.seconds / 60,
        lease_seconds=plan.lease,
        operations=dict(ledger.operations),
        faults=dict(recovery.faults),
        acknowledged_documents=sum(doc.acknowledged for doc in ledger.all()),
        acknowledged=ledger.answers[Said.YES],
        refused=ledger.answers[Said.NO],
        unknown=ledger.answers[Said.UNKNOWN],
        asked_for_at_the_end=end.asked,
        **tally(end.broken),
        longest_recovery_seconds=round(seconds, 1),
        longest_recovery_of=what,
        settle_seconds=round(end.settled, 1),
        broken=[f"{one.how}: {one.what}" for one in end.broken],
    )
