"""`samespace verify`: it asks the stores themselves, so it runs where the server runs."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.terminal.common import DataOption, JsonOption, settings_of
from samespace.cli.terminal.output import note, print_json, print_table
from samespace.core.errors import Misconfigured

if TYPE_CHECKING:
    from samespace.core.settings import Settings
    from samespace.operations.verify import Report


def verify(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair what differs; without it nothing is changed.")
    ] = False,
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection", "-c", metavar="NAME", help="Only the items of this collection."
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare index, vector cache and originals with the records (on the machine of the server).

    Each item has to be in the index of each of its spaces exactly once, with a sound vector, and nothing else may
    be there; the vector cache and the originals hold what live documents need and nothing else. --repair has the
    workers ingest documents with missing or damaged items again, from the vector cache as far as it goes, and
    removes what nothing refers to. Safe while the server works. Exits with status 1 if something differs, with
    --repair if something could not be repaired.
    """
    report = run(settings_of(context, data=data), repair=repair, collection=collection)
    if as_json:
        print_json(asdict(report))
    else:
        show(report, repair=repair)
    is_well = report.is_clean or (repair and report.is_repaired)
    raise typer.Exit(0 if is_well else 1)


def run(settings: "Settings", *, repair: bool, collection: str | None) -> "Report":
    """The report on the stores of the settings; the embedded index is that of the running server."""
    from samespace.operations.stack.folder import index_address
    from samespace.operations.verify import verify as verify_stores
    from samespace.store.records.audit import COMMAND_LINE
    from samespace.wiring import open_services

    address = index_address(settings)
    if address is None:
        raise Misconfigured(
            f"no index answers for {settings.data}: start `samespace up`, say --data DIR where it runs, "
            "or set SAMESPACE_MILVUS_URI"
        )
    services = open_services(settings.model_copy(update={"milvus_uri": address}))
    try:
        report = verify_stores(services, repair=repair, collection=collection)
        if repair:
            services.records.audit.add(
                COMMAND_LINE, "repair", collection=collection, rewritten=report.rewritten
            )
        return report
    finally:
        services.close()


def show(report: "Report", *, repair: bool) -> None:
    """A row for each collection, space and kind of difference, and what was looked at."""
    rows = [
        (one.collection, one.space, one.kind, one.found, one.repaired, "; ".join(one.examples))
        for one in report.differences
    ]
    if rows:
        print_table(["collection", "space", "difference", "found", "repaired", "such as"], rows)
    note(
        f"{report.collections} collections, {report.items} items, {report.vectors} cached vectors and "
        f"{report.blobs} blobs looked at: {'some differ' if rows else 'nothing differs'}"
    )
    if report.rewritten:
        note(f"{report.rewritten} documents wait to be ingested again; the workers do it")
    elif rows and not repair:
        note("`samespace verify --repair` mends what can be mended")
