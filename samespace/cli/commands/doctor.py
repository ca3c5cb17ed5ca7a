"""`samespace doctor`: what is there, what answers, what is missing and how to get it."""

from dataclasses import asdict, replace

import typer

from samespace.cli.terminal.common import JsonOption, settings_of
from samespace.cli.terminal.formats import near
from samespace.cli.terminal.output import print_json, print_table
from samespace.core.secrets import hide, secrets_of
from samespace.operations.checks import Finding, examine


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check what is installed, what answers, which device is used, what is missing and how to get it.

    Exits with status 1 if something is missing that samespace needs.
    """
    settings = settings_of(context)
    secrets = secrets_of(settings)
    checks = [replace(each, detail=hide(each.detail, secrets)) for each in examine(settings)]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [(each.part, near(each.name), each.finding, each.detail) for each in checks]
        print_table(["part", "name", "is", "what"], rows)
    if any(check.finding is Finding.MISSING for check in checks):
        raise typer.Exit(1)
