"""The commands that change what is there: `delete`, `retry`."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    YesOption,
    confirm,
    connect,
)
from samespace.cli.files import absolute, external_id, folder_prefix
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
        list[str] | None, typer.Argument(metavar="ID", help="Documents; without: all failed.")
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
) -> None:
    """Try documents again that failed."""
    with connect(context) as client:
        wanted = ids or failed_documents(client, collection)
        retried = client.retry(collection, wanted) if wanted else []
    print(f"{len(retried)} retried")


def folders_of(what: Sequence[str]) -> list[str]:
    """The beginnings of the paths that were added from these folders."""
    return [
        folder_prefix(each) for each in what if each.endswith(os.sep) or absolute(each).is_dir()
    ]


def failed_documents(client: "Client", collection: str) -> list[str]:
    """The ids of all failed documents."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = client.documents(collection, state="failed", after=after)
        ids += [document["id"] for document in page["documents"]]
        after = page["next"]
        if after is None:
            return ids
