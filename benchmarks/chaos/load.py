"""A client: it does what its schedule says and writes down what it was told."""

import json
import threading
import time
from collections.abc import Callable, Sequence

from benchmarks.chaos.changing import Changing
from benchmarks.chaos.contents import make
from benchmarks.chaos.hits import check_hits
from benchmarks.chaos.http import Line, Reply
from benchmarks.chaos.ledger import Ledger, Said, Tracked
from benchmarks.chaos.recovery import Recovery
from benchmarks.chaos.schedule import Action, Sort, Step, steps

COMMON = "common"
_NEWEST = 4
_REFUSED_PAUSE = 0.4


class Client:
    """One of several that work at once; its documents, in the common collection and its own, are nobody else's."""

    def __init__(
        self,
        number: int,
        *,
        seed: int,
        line: Line,
        ledger: Ledger,
        recovery: Recovery,
        can: frozenset[Action],
        changing: Changing,
    ) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"client {number}", daemon=True)
        self._number, self._seed, self._line, self._can = number, seed, line, can
        self._ledger, self._recovery = ledger, recovery
        self._changing = changing
        self._own = f"own-{number}"
        self._mine: list[Tracked] = []
        self._actions: dict[Action, Callable[[Step], Reply | None]] = {
            Action.ADD: self._add,
            Action.ADD_AGAIN: self._add_again,
            Action.DELETE: self._delete,
            Action.DELETE_COLLECTION: self._delete_collection,
            Action.RETRY: self._retry,
            Action.CANCEL: self._cancel,
            Action.PAUSE: self._pause,
            Action.CHANGE: self._change,
            Action.SEARCH: self._search,
        }

    def start(self) -> None:
        """Work until told to stop."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the end of its last operation; one that does not end is a wrong answer."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._ledger.accuse(f"client {self._number} had no answer for {seconds:.0f} s")

    def _run(self) -> None:
        try:
            make_collection(self._own, self._line)
            for step in steps(self._seed, self._number):
                if self.stopping.is_set():
                    return
                self._do(step)
        except Exception as error:
            self._ledger.accuse(f"client {self._number} broke off: {type(error).__name__}: {error}")

    def _do(self, step: Step) -> None:
        if step.action not in self._can:
            return
        reply = self._actions[step.action](step)
        if reply is None:
            return
        self._ledger.count(step.action, reply.said)
        self.stopping.wait(step.pause + (0 if reply.said is Said.YES else _REFUSED_PAUSE))

    def _add(self, step: Step) -> Reply:
        home = COMMON if step.in_common else self._own
        life = self._ledger.lives[home]
        name = f"{home}.{life}.c{self._number}.{len(self._mine)}"
        doc = self._ledger.new(home, name)
        self._mine.append(doc)
        return self._send(doc, step)

    def _add_again(self, step: Step) -> Reply | None:
        doc = self._pick(step, lambda doc: doc.newest > 0)
        return self._send(doc, step) if doc else None

    def _send(self, doc: Tracked, step: Step) -> Reply:
        content = make(step.sort, self._seed, doc.external_id, doc.newest + 1)
        version = self._ledger.sending(doc, content)
        note = {
            "external_id": doc.external_id,
            "metadata": {"external": doc.external_id, "version": version},
        }
        path = f"/v1/collections/{doc.home}/documents"
        # What cannot be read may be refused at the door.
        refusals = {415, 422} if content.sort is Sort.BROKEN else set()
        if content.text is not None and content.sort is not Sort.PDF:
            body = {"documents": [{"text": content.text, **note}]}
            reply = self._line.ask("POST", path, expected={202}, json=body)
        else:
            reply = self._line.ask(
                "POST",
                path,
                expected={202} | refusals,
                files={"file": (content.name, content.data)},
                data={"documents": json.dumps([note])},
            )
        accepted = reply.body["documents"][0] if reply.status == 202 else {}
        said = Said.NO if reply.said is Said.YES and "id" not in accepted else reply.said
        self._ledger.added(doc, version, said, accepted.get("id"))
        self._log("add", doc, reply, version=version, sort=content.sort, id=accepted.get("id"))
        if reply.said is Said.YES:
            self._recovery.succeeded("upload", reply.began)
        return reply

    def _delete(self, step: Step) -> Reply | None:
        doc = self._pick(step, lambda doc: not doc.is_gone)
        if doc is None:
            return None
        path = f"/v1/collections/{doc.home}/documents/delete"
        reply = self._line.ask(
            "POST", path, expected={202}, json={"external_ids": [doc.external_id]}
        )
        self._ledger.deleted(doc, reply.said)
        self._log("delete", doc, reply)
        return reply

    def _delete_collection(self, _: Step) -> Reply:
        """Insisted on, so that its name can be given to a new one at once."""
        path = f"/v1/collections/{self._own}"
        reply = self._line.insist("DELETE", path, expected={202, 404})
        self._ledger.collection_deleted(self._own)
        self._ledger.note("delete collection", home=self._own, life=self._ledger.lives[self._own])
        make_collection(self._own, self._line)
        return reply

    def _retry(self, step: Step) -> Reply | None:
        doc = self._pick(step, lambda doc: doc.id is not None and not doc.is_gone)
        reply = self._post_ids("retry", doc)
        if doc and reply:
            self._ledger.retried(doc, _named(reply, "retried", doc))
        return reply

    def _cancel(self, step: Step) -> Reply | None:
        doc = self._pick(step, lambda doc: doc.id is not None and not doc.is_gone)
        reply = self._post_ids("cancel", doc)
        if doc and reply:
            self._ledger.cancelled(doc, _named(reply, "cancelled", doc))
        return reply

    def _post_ids(self, verb: str, doc: Tracked | None) -> Reply | None:
        if doc is None:
            return None
        path = f"/v1/collections/{doc.home}/documents/{verb}"
        reply = self._line.ask("POST", path, expected={202, 200}, json={"ids": [doc.id]})
        self._log(verb, doc, reply, answer=reply.body)
        return reply

    def _pause(self, _: Step) -> Reply:
        """Paused for a moment; resumed for certain."""
        path = f"/v1/collections/{self._own}"
        reply = self._line.ask("POST", f"{path}/pause", expected={200, 202})
        self.stopping.wait(1.0)
        self._line.insist("POST", f"{path}/resume", expected={200, 202})
        return reply

    def _change(self, step: Step) -> Reply:
        """The model of the common collection, which others add to and search meanwhile."""
        reply = self._changing.step(step.pick)
        self._ledger.note("change", said=reply.said, status=reply.status)
        return reply

    def _search(self, step: Step) -> Reply | None:
        """For a text of somebody's, in a collection that may hold it."""
        known = [
            doc for doc in self._ledger.all() if doc.newest and doc.home in (COMMON, self._own)
        ]
        if not known:
            return None
        doc = known[int(step.pick * len(known))]
        text = doc.contents[doc.newest].text or f"a picture called {doc.external_id}"
        floors, life = self._ledger.floors(), self._ledger.lives[doc.home]
        body = {"query": text.partition("\n")[0], "limit": 20}
        path = f"/v1/collections/{doc.home}/search"
        reply = self._line.ask("POST", path, expected={200}, json=body)
        if reply.said is Said.YES:
            if not reply.body["partial"]:
                self._recovery.succeeded("search", reply.began)
            for wrong in check_hits(reply.body["hits"], doc.home, life, floors, self._ledger):
                self._ledger.accuse(f"{wrong}, searching {doc.home} for {body['query']!r}")
        return reply

    def _pick(self, step: Step, fits: Callable[[Tracked], bool]) -> Tracked | None:
        """One of ours that fits: half of the time among the newest, which are being worked on."""
        life = self._ledger.lives[self._own]
        ours = [doc for doc in self._mine if (doc.home == COMMON or doc.life == life) and fits(doc)]
        if not ours:
            return None
        among: Sequence[Tracked] = ours[-_NEWEST:] if step.in_common else ours
        return among[int(step.pick * len(among))]

    def _log(self, event: str, doc: Tracked, reply: Reply, **more: object) -> None:
        seconds = round(time.monotonic() - reply.began, 3)
        about = {"document": doc.external_id, "said": reply.said, "status": reply.status}
        self._ledger.note(event, **about, seconds=seconds, **more)


def make_collection(name: str, line: Line) -> None:
    """It is there when this returns; an attempt whose answer was lost may have made it."""
    line.insist("POST", "/v1/collections", expected={201, 409}, json={"name": name})


def abilities(line: Line) -> frozenset[Action]:
    """The actions this server has routes for."""
    paths = line.insist("GET", "/openapi.json", expected={200}).body["paths"]
    wanted = {
        Action.CANCEL: "/v1/collections/{collection}/documents/cancel",
        Action.PAUSE: "/v1/collections/{collection}/pause",
        Action.CHANGE: "/v1/collections/{collection}/model/swap",
    }
    return frozenset(action for action in Action if wanted.get(action, "") in {*paths, ""})


def _named(reply: Reply, verb: str, doc: Tracked) -> Said:
    """Whether the answer names the document."""
    if reply.said is not Said.YES:
        return reply.said
    return Said.YES if doc.id in reply.body.get(verb, []) else Said.NO
