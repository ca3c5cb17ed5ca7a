"""What is done and what is broken, as a deterministic function of the seed; when exactly, no seed can say."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Action(StrEnum):
    """What a client does."""

    ADD = "add"
    ADD_AGAIN = "add a second version"
    DELETE = "delete"
    DELETE_COLLECTION = "delete a collection"
    RETRY = "retry"
    CANCEL = "cancel"
    PAUSE = "pause and resume"
    CHANGE = "change the model"
    SEARCH = "search"


class Sort(StrEnum):
    """What is uploaded. A twin has the bytes of other documents; a broken one cannot be read."""

    TEXT = "text"
    LONG = "long text"
    TWIN = "twin"
    PICTURE = "picture"
    PDF = "pdf"
    BROKEN = "broken"


class Harm(StrEnum):
    """What is broken; all but a wipe and a stop are SIGKILL."""

    API = "kill api"
    WORKER = "kill worker"
    INDEX = "kill index"
    QUEUE = "kill queue"
    PARSER = "kill parser"
    WIPE = "wipe queue"
    STOP_WORKER = "stop worker"
    STOP_INDEX = "stop index"
    EVERYTHING = "kill everything"


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a client; `pick` in [0, 1) chooses its target among those there are at the time."""

    action: Action
    sort: Sort
    pick: float
    in_common: bool
    pause: float


@dataclass(frozen=True, slots=True)
class Fault:
    """One harm after `pause` seconds; `pick` chooses among several processes, `share` how long a stop lasts."""

    harm: Harm
    pause: float
    pick: float
    share: float


_ACTIONS: Mapping[Action, int] = {
    Action.ADD: 34,
    Action.ADD_AGAIN: 14,
    Action.DELETE: 12,
    Action.DELETE_COLLECTION: 1,
    Action.RETRY: 4,
    Action.CANCEL: 4,
    Action.PAUSE: 2,
    Action.CHANGE: 5,
    Action.SEARCH: 32,
}
_SORTS: Mapping[Sort, int] = {
    Sort.TEXT: 40,
    Sort.LONG: 8,
    Sort.TWIN: 14,
    Sort.PICTURE: 18,
    Sort.PDF: 10,
    Sort.BROKEN: 10,
}
_HARMS: Mapping[Harm, int] = {
    Harm.API: 3,
    Harm.WORKER: 5,
    Harm.INDEX: 4,
    Harm.QUEUE: 3,
    Harm.PARSER: 3,
    Harm.WIPE: 3,
    Harm.STOP_WORKER: 3,
    Harm.STOP_INDEX: 2,
    Harm.EVERYTHING: 2,
}


def steps(seed: int, client: int) -> Iterator[Step]:
    """What a client does, without end."""
    chance = random.Random(f"{seed} client {client}")
    while True:
        yield Step(
            action=_drawn(_ACTIONS, chance),
            sort=_drawn(_SORTS, chance),
            pick=chance.random(),
            in_common=chance.random() < 0.5,
            pause=chance.uniform(0.0, 0.3),
        )


def faults(seed: int, most_everything: int | None = None) -> Iterator[Fault]:
    """What is broken, without end; everything at once at most so many times."""
    chance = random.Random(f"{seed} faults")
    everything = 0
    while True:
        fault = Fault(
            harm=_drawn(_HARMS, chance),
            pause=chance.uniform(2.0, 8.0),
            pick=chance.random(),
            share=chance.random(),
        )
        if fault.harm is Harm.EVERYTHING:
            everything += 1
            if most_everything is not None and everything > most_everything:
                continue
        yield fault


def _drawn(weights: Mapping[T, int], chance: random.Random) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]
