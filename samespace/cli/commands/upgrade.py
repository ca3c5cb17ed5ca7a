"""`samespace upgrade`: a data folder of an older release becomes one of this release; `up` does the same by itself."""

from importlib.metadata import version
from typing import Annotated

import typer

from samespace.cli.terminal.common import DataOption, JsonOption, settings_of
from samespace.cli.terminal.output import print_json


def upgrade(
    context: typer.Context,
    data: DataOption = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Only say what would be done; exits with status 1 if anything."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Upgrade the data folder of an older release, while nothing runs on it.

    `samespace up` does the same when it starts. The records are copied first, into the same folder, and then
    migrated in one transaction; the next worker to start verifies the index, and makes it again from the vector
    cache where it is of an older release. If it is interrupted, it can be repeated.
    """
    from samespace.operations.models import settle
    from samespace.operations.stack.folder import Folder
    from samespace.operations.upgrade.folder import move_on, plan

    settings = settings_of(context, data=data)
    folder = Folder(settings.data.resolve())
    if check:
        steps, found = plan(folder, settings), []
    else:
        folder.prepare()
        steps = []
        with folder.lock("`samespace upgrade`", ""):
            move_on(folder, settings, steps.append)
            found = settle(settings)
    if as_json:
        print_json({"release": version("samespace"), "steps": steps, "models": found})
    else:
        print("\n".join([*(steps or [f"{folder.root} is of this release already"]), *found]))
    raise typer.Exit(1 if check and steps else 0)
