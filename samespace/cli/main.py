"""The command line; nothing heavy is imported before a command needs it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from samespace.cli.commands import (
    add,
    audit,
    backup,
    classify,
    collections,
    compare,
    doctor,
    documents,
    evaluate,
    keys,
    labels,
    map,
    models,
    queries,
    search,
    serve,
    status,
    train,
    upgrade,
    verify,
)
from samespace.cli.terminal.common import Globals, one_line
from samespace.cli.terminal.output import note
from samespace.core.errors import SamespaceError

BROKEN_PIPE = 141

app = typer.Typer(
    name="samespace",
    help="Text and pictures in the same space: add them, search them by meaning, classify them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"samespace {version('samespace')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="The server; else SAMESPACE_URL.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The API key; others can see it in the process list."),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="File with the API key, - for standard input; else SAMESPACE_API_KEY.",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    if key is not None:
        note("warning: others here can see --key in the list of processes; use --key-file")
    context.obj = Globals(url, key if key_file is None else _read_key(key_file))


def _read_key(file: Path) -> str:
    try:
        key = sys.stdin.readline() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(
            f"{file} cannot be read: {error}", param_hint="--key-file"
        ) from error
    if not key.strip():
        raise typer.BadParameter(f"{file} holds no key", param_hint="--key-file")
    return key.strip()


app.command()(serve.up)
app.command()(add.add)
app.command()(search.search)
app.command()(search.similar)
app.command()(classify.classify)
app.add_typer(labels.app, name="labels")
app.command("map")(map.show_map)
app.command("eval")(evaluate.evaluate)
app.command()(train.train)
app.command()(status.status)
app.add_typer(status.jobs, name="jobs")
app.command()(documents.cancel)
app.command()(documents.retry)
app.command()(documents.pause)
app.command()(documents.resume)
app.command()(documents.delete)
app.add_typer(collections.app, name="collections")
app.add_typer(models.app, name="models")
collections.app.command("compare")(compare.compare)
app.add_typer(queries.app, name="queries")
app.add_typer(keys.app, name="keys")
app.command()(audit.audit)
app.command()(doctor.doctor)
app.command()(verify.verify)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(upgrade.upgrade)
app.command()(serve.api)
app.command()(serve.worker)


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit status of a command line: 0 well, 1 failed, 2 not understood, 130 interrupted."""
    try:
        app(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except SamespaceError as error:
        print(f"samespace: {one_line(error)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has gone; so that the flush at exit does not complain, nothing is left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return 0


def main() -> None:
    """The entry point."""
    sys.exit(run())


if __name__ == "__main__":
    main()
