"""The commands that change what is there: `delete`, `retry`, `cancel`, `pause`, `resume`."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.commands.files import absolute, external_id, folder_prefix
from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    YesOption,
    confirm,
    connect,
    every_document,
)
from samespace.core.errors import NotFound

if TYPE_CHECKING:
    from samespace.client import Client


def delete(
    context: typer.Context,
    what: Annotated[
        list[str], typer.Argument(metavar="ID|PATH", help="Documents, by id or by their path.")
    ],
    collection: CollectionOption = DEFAULT_COLLECTION,
    yes: YesOption = False,
) -> None:
    """Delete documents from a collection; a folder means everything that was added from it.

    The files themselves are left alone.
    """
    confirm(f"Delete {', '.join(what)} from collection {collection!r}?", yes)
    with connect(context) as client:
        deleted = client.delete(
            collection, ids=what, external_ids=[external_id(each) for each in what]
        )
        for folder in folders_of(what):
            deleted += client.delete(collection, external_prefix=folder, keep=[])
    if not deleted:
        raise NotFound(f"no document of collection {collection!r} is {', '.join(what)}")
    print(f"{len(deleted)} deleted")


def retry(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Documents; default: all that failed."),
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    job: Annotated[
        str | None,
        typer.Option(metavar="JOB", help="All documents of this job that are not ready."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Read these texts again, in this encoding."),
    ] = None,
) -> None:
    """Retry documents that failed or were cancelled; with --encoding also texts read in the wrong encoding."""
    if job is not None and ids:
        raise typer.BadParameter("give documents or a job", param_hint="--job")
    if encoding is not None and not ids:
        raise typer.BadParameter("give the documents to read again", param_hint="--encoding")
    with connect(context) as client:
        if job is not None:
            retried = client.retry_job(job)
        else:
            wanted = ids or failed_documents(client, collection)
            retried = client.retry(collection, wanted, encoding=encoding) if wanted else []
    print(f"{len(retried)} retried")


def cancel(
    context: typer.Context,
    what: Annotated[
        list[str], typer.Argument(metavar="JOB|ID", help="Jobs, or documents by their ids.")
    ],
    collection: CollectionOption = DEFAULT_COLLECTION,
) -> None:
    """Cancel jobs or documents that are queued or being processed; `retry` takes them up again.

    What is ready stays as it is.
    """
    with connect(context) as client:
        cancelled = [id for each in what for id in cancel_one(client, collection, each)]
    print(f"{len(cancelled)} cancelled")


def pause(context: typer.Context, collection: CollectionOption = DEFAULT_COLLECTION) -> None:
    """Pause a collection: documents are accepted, but not processed."""
    with connect(context) as client:
        changed = client.pause(collection)
    print(f"collection {collection} {'is paused' if changed else 'was paused already'}")


def resume(context: typer.Context, collection: CollectionOption = DEFAULT_COLLECTION) -> None:
    """Resume processing the documents of a paused collection."""
    with connect(context) as client:
        changed = client.resume(collection)
    print(f"collection {collection} {'goes on' if changed else 'was not paused'}")


def cancel_one(client: "Client", collection: str, id: str) -> list[str]:
    """Call off the job of that id, else the document; NotFound if it is neither."""
    try:
        return client.cancel_job(id)
    except NotFound:
        pass
    try:
        client.document(collection, id)
    except NotFound as error:
        raise NotFound(f"there is no job {id!r}, and no such document in {collection!r}") from error
    return client.cancel(collection, [id])


def folders_of(what: Sequence[str]) -> list[str]:
    """The beginnings of the paths that were added from these folders."""
    return [
        folder_prefix(each) for each in what if each.endswith(os.sep) or absolute(each).is_dir()
    ]


def failed_documents(client: "Client", collection: str) -> list[str]:
    """The ids of all failed documents."""
    return [each["id"] for each in every_document(client, collection, state="failed")]
