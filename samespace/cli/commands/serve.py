"""The commands that run the application: `up`, and its parts alone, `api` and `worker`."""

from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.terminal.common import DataOption, settings_of
from samespace.cli.terminal.output import note
from samespace.core.leisure import put_off_collecting
from samespace.core.secrets import hide_secrets

if TYPE_CHECKING:
    from samespace.core.settings import Settings

SEEN_WITHIN_SECONDS = 30.0


def up(
    context: typer.Context,
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port of the API.")] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser once it is there.")
    ] = False,
) -> None:
    """Start everything: index, queue, worker and API, in one data folder, until Ctrl-C."""
    from samespace.cli.commands.up import run_up

    settings = settings_of(context, data=data, port=port)
    raise typer.Exit(run_up(settings, open_browser=open_browser))


def api(context: typer.Context) -> None:
    """Run the API alone."""
    from samespace.operations.stack.preflight import check_models

    settings = settings_of(context)
    hide_secrets(settings)
    check_models(settings, note)
    put_off_collecting()
    from samespace.api.server import serve  # a second, which a wrong setting does not wait for

    serve(settings)


def worker(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether a worker of this host is alive.")
    ] = False,
) -> None:
    """Run a worker alone."""
    settings = settings_of(context)
    if check:
        raise typer.Exit(0 if is_alive(settings) else 1)
    from samespace.operations.stack.preflight import check_models

    hide_secrets(settings)
    check_models(settings, note)
    put_off_collecting()
    from workers.main import run_worker

    raise typer.Exit(run_worker(settings))


def is_alive(settings: "Settings") -> bool:
    """Whether a worker of this host was heard of in the last half minute."""
    import socket

    from samespace.wiring import open_records_of

    records = open_records_of(settings)
    try:
        seen = records.workers.alive(SEEN_WITHIN_SECONDS)
    finally:
        records.close()
    return any(worker.host == socket.gethostname() for worker in seen)
