"""What the commands share: settings, the client, the options they have in common."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.core.errors import InvalidRequest, SamespaceError, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samespace.client import Client
    from samespace.client.views import Document
    from samespace.core.settings import Settings

DEFAULT_COLLECTION = "default"
MOST_AT_ONCE = 1000

CollectionOption = Annotated[
    str, typer.Option("--collection", "-c", metavar="NAME", help="The collection.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
FilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="JSON",
        help='Only what has this metadata, such as {"year": {"gte": 2020}}.',
    ),
]
DataOption = Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder.")]
MaxBadOption = Annotated[
    float,
    typer.Option(min=0, max=1, metavar="SHARE", help="Fail if a larger share of rows is bad."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class Globals:
    """The options given before the command."""

    url: str | None
    key: str | None


def settings_of(context: typer.Context, **given: Any) -> "Settings":
    """The settings of the environment, with what the command line says instead; Misconfigured."""
    from samespace.core.settings import read_settings

    options: Globals = context.find_object(Globals) or Globals(None, None)
    wanted = {"url": options.url, "api_key": options.key, **given}
    return read_settings(**{name: value for name, value in wanted.items() if value is not None})


def connect(context: typer.Context, timeout: float = 60.0) -> "Client":
    """A client of the server that the settings name, which may be silent for so many seconds."""
    from samespace.client import Client

    settings = settings_of(context)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return Client(settings.url, key, timeout=timeout)


def given_before(context: typer.Context, name: str) -> Any:
    """What an option was given as before the command, as in `samespace jobs --json list`."""
    return context.parent.params[name] if context.parent else None


def is_alone(context: typer.Context, collection: str) -> bool:
    """Whether no command follows a group whose commands name the collection themselves; BadParameter where one
    does, other than `list`, and the collection was named before it."""
    command = context.invoked_subcommand
    if command not in {None, "list"} and collection != DEFAULT_COLLECTION:
        raise typer.BadParameter(f"it comes after {command}", param_hint="--collection")
    return command is None


def given_to_list(context: typer.Context, collection: str, as_json: bool) -> tuple[str, bool]:
    """The collection and the form of a `list`, which may be named before it as well."""
    if collection == DEFAULT_COLLECTION:
        collection = given_before(context, "collection")
    return collection, as_json or given_before(context, "as_json")


def every_document(
    client: "Client",
    collection: str,
    *,
    state: str | None = None,
    external_prefix: str | None = None,
) -> "Iterator[Document]":
    """The documents of a collection in this state, or whose external id begins so, however many pages that takes."""
    after: str | None = None
    while True:
        page = client.documents(
            collection,
            state=state,
            external_prefix=external_prefix,
            after=after,
            limit=MOST_AT_ONCE,
        )
        yield from page["documents"]
        after = page["next"]
        if after is None:
            return


def parse_object(text: str | None, option: str) -> dict[str, Any] | None:
    """The JSON object an option was given; a usage error if it is none."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not JSON: {error}", param_hint=option) from error
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{text!r} is not a JSON object", param_hint=option)
    return value


def as_usage(error: InvalidRequest) -> typer.BadParameter:
    """What is wrong with the words of the command line, as a usage error."""
    return typer.BadParameter(str(error))


def confirm(question: str, yes: bool) -> None:
    """Ask, unless told not to; ends the command on a no."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def one_line(error: SamespaceError) -> str:
    """The error as it is shown, with what can be done about it here."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, Unauthorized):
        return f"{said}; give it by SAMESPACE_API_KEY or --key-file"
    return said
