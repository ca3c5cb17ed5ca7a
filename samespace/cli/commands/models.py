"""`samespace models`: list, show, add, remove."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.terminal.common import JsonOption, YesOption, confirm, connect, given_before
from samespace.cli.terminal.output import note, print_fields, print_json, print_table

if TYPE_CHECKING:
    from samespace.client.views import Model

app = typer.Typer(
    help="List, show, add and remove what makes vectors: presets and models of your own.",
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The model.")]
# A large model is loaded and stored before the server answers.
_ADD_SECONDS = 3600.0
_MB = 1 << 20
_MOST_NAMED = 10


@app.callback(invoke_without_command=True)
def show_all(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the models; or show, add, or remove one."""
    if context.invoked_subcommand is None:
        _print_all(context, as_json)


@app.command("list")
def list_all(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the models, as `samespace models` alone does."""
    _print_all(context, as_json or given_before(context, "as_json"))


def _print_all(context: typer.Context, as_json: bool) -> None:
    with connect(context) as client:
        found = client.models()
    if as_json:
        print_json(found)
        return
    headers = ["model", "origin", "makes", "MB", "licence", "used by"]
    print_table(headers, [_row(each) for each in found])


def _row(model: "Model") -> list[object]:
    size = model["bytes"]
    return [
        model["name"] + (" (default)" if model["is_default"] else ""),
        model["origin"],
        _makes(model),
        "" if size is None else f"{size / _MB:.1f}",
        model["licence"] or "",
        len(model["used_by"]),
    ]


def _makes(model: "Model") -> str:
    """The modalities and dimension of each space."""
    return ", ".join(f"{'+'.join(one['modalities'])} {one['dim']}" for one in model["spaces"])


@app.command()
def show(context: typer.Context, name: NameArgument, as_json: JsonOption = False) -> None:
    """Show a model: what it makes, where it came from, which collections use it."""
    with connect(context) as client:
        found = client.model(name)
    if as_json:
        print_json(found)
    else:
        print_fields({key: value for key, value in _fields(found).items() if value})


def _fields(model: "Model") -> dict[str, object]:
    users, size = model["used_by"], model["bytes"]
    more = f" and {len(users) - _MOST_NAMED} more" if users[_MOST_NAMED:] else ""
    return {
        "model": model["name"],
        "about": model["about"],
        "origin": model["origin"],
        "source": model["source"],
        "makes": _makes(model),
        "fingerprint": model["fingerprint"],
        "packed as": model["packed"],
        "size": "" if size is None else f"{size / _MB:.1f} MB",
        "licence": model["licence"],
        **_came_from(model),
        "added": model["created_at"],
        "used by": ", ".join(users[:_MOST_NAMED]) + more,
    }


def _came_from(model: "Model") -> dict[str, object]:
    card = model["card"]
    if card is None:
        return {}
    data = card["data"]
    held_back = f", {data['held_back']} held back" if data["held_back"] else ""
    items = f"{data['items']} of " if data["items"] else ""
    origin = data["collection"] or data["file"]
    return {
        "parent": card["parent"],
        "method": card["method"],
        "learned from": f"{items}{origin}{held_back}" if origin else "",
        "figures": ", ".join(f"{name} {value:.3f}" for name, value in card["figures"].items()),
        "made": " by ".join(each for each in (card["made_at"], card["code"]) if each),
    }


@app.command()
def add(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A folder, or st:<hub name>, open_clip:<architecture>/<weights>."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name; else that of the folder.")
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(metavar="LICENCE", help="Under which it may be used, if no file of it says."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a model: it is tried, and a folder is packed, so that every machine has it.

    The folder has to be on the machine of the server; it may go afterwards. Weights are taken as safetensors or ONNX.
    """
    folder = Path(source).expanduser()
    wanted = str(folder.absolute()) if folder.is_dir() else source
    with connect(context, _ADD_SECONDS) as client:
        added = client.add_model(wanted, name, licence=licence)
    if as_json:
        print_json(added)
        return
    print(f"model {added['name']} added: {_makes(added)}, licence {added['licence']}")
    if left := added["left_out"]:
        note(
            f"not part of it: {', '.join(left[:_MOST_NAMED])}"
            + (", ..." if left[_MOST_NAMED:] else "")
        )
    note(f"next: samespace collections create NAME --preset {added['name']}")


@app.command()
def remove(context: typer.Context, name: NameArgument, yes: YesOption = False) -> None:
    """Remove a model that no collection uses."""
    confirm(f"Remove model {name!r}?", yes)
    with connect(context) as client:
        client.remove_model(name)
    print(f"model {name} removed")
