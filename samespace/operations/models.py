"""The registry as it is before anything runs: collections that go on with the starter of an earlier release, said in a
line with what changes that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from samespace.core.settings import Settings
from samespace.operations.upgrade.records import step_of
from samespace.registry.starters import outdated, settle_starters
from samespace.store.records import RegisteredModel
from samespace.store.records.registry import Registry
from samespace.store.sql import open_engine
from samespace.wiring import open_records_of, records_url

_MOST_NAMED = 3


def settle(settings: Settings) -> list[str]:
    """Let collections go on with what their vectors were made by, where this release brings another starter; the
    line that says so, if there is one to say. The records are of this release by then."""
    if not _is_there(settings):
        return []
    records = open_records_of(settings)
    try:
        settle_starters(records.registry)
        return lines(outdated(records.registry))
    finally:
        records.close()


def look(settings: Settings) -> list[str]:
    """The same line, nothing changed; none where the records are not of this release."""
    with _registry(settings) as registry:
        return lines(outdated(registry)) if registry else []


def models_of(settings: Settings) -> list[RegisteredModel]:
    """The models in the registry; none where the records are not of this release."""
    with _registry(settings) as registry:
        return registry.all() if registry else []


@contextmanager
def _registry(settings: Settings) -> Iterator[Registry | None]:
    """To look at, while the block runs."""
    if not _is_there(settings):
        yield None
        return
    engine = open_engine(records_url(settings))
    try:
        step = step_of(engine)
        yield None if step.found is None or step.is_owed else Registry(engine)
    finally:
        engine.dispose()


def lines(names: Sequence[str]) -> list[str]:
    """What is said of collections of these names."""
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else ""
    what = (
        f"collections {', '.join(names[:_MOST_NAMED])}{more} go"
        if names[1:]
        else f"collection {names[0]} goes"
    )
    return [
        f"{what} on with the starter of an earlier release; a better one is here: "
        f"samespace collections model {names[0]} starter"
    ]


def _is_there(settings: Settings) -> bool:
    return settings.database_url is not None or (settings.data / "records.db").exists()
