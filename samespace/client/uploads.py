"""Documents on their way to the server: gathered into requests of bounded size, read from disk while they are sent."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from samespace.client.answers import upload_reader
from samespace.client.requests import Request, documents_path
from samespace.client.wire import Accepted, Added, Metadata, MetadataMode, SameName, Upload
from samespace.core.errors import TooLarge
from samespace.core.names import text_name

# What a request costs beyond its documents is next to nothing by then, and progress still moves.
MOST_DOCUMENTS = 256
FEWER = 64
"""A server may be set to take less than we send: so many are tried before its refusal is told."""
MOST_BYTES = 64 * 1024 * 1024
# So many files are held open; small ones are read at once.
MOST_OPEN = 64
_SMALL = 64 * 1024
# Texts with no more characters together go as JSON, which is parsed in no time: a form goes by way of the disk.
MOST_INLINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Url:
    """The address of a document that the server is to fetch itself, where it is set up to."""

    address: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document to add: a file, or its bytes, or a text (which stays as it is, though it may look like HTML),
    or where the server finds it.

    A document with an `external_id` has an identity beyond its bytes: other bytes under it replace it. One without
    is kept beside an older one of its name, or replaces it with `on_same_name="replace"`. Added again it keeps the
    metadata that is not named anew (None takes a key away), unless `metadata_mode` is "replace". `encoding` is what
    the text of a file is in, where that is known.
    """

    content: Path | bytes | str | Url
    name: str | None = None
    external_id: str | None = None
    metadata: Metadata | None = None
    encoding: str | None = None
    metadata_mode: MetadataMode | None = None
    on_same_name: SameName | None = None

    @property
    def shown_name(self) -> str:
        """The name it is known by."""
        if self.name is not None:
            return self.name
        if isinstance(self.content, Url):
            return self.content.address
        if isinstance(self.content, str):
            return text_name(self.content, self.external_id)
        return text_of(self.content.name) if isinstance(self.content, Path) else "text"


Sources = Iterable[Source | Path]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that is ready to be sent (none where nothing could be read), and what could not be read, by place."""

    request: Request[Upload] | None
    unread: Mapping[int, Accepted]


def text_of(path: str | Path) -> str:
    """A path as text that can travel: bytes that are no UTF-8 become escapes, always the same ones."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def batches(sources: Sources) -> Iterator[list[Source]]:
    """The sources in their order, at most 256 (64 files that are not small) or 64 MB at a time; what is larger
    travels alone, and so does a URL, for its server may be slow."""
    batch: list[Source] = []
    size = files = 0
    for each in sources:
        source = each if isinstance(each, Source) else Source(each)
        more = _size(source)
        file = isinstance(source.content, Path) and more > _SMALL
        is_full = len(batch) >= MOST_DOCUMENTS or files + file > MOST_OPEN
        if batch and (is_full or size + more > MOST_BYTES):
            yield batch
            batch, size, files = [], 0, 0
        batch.append(source)
        size, files = size + more, files + file
    if batch:
        yield batch


def halves(batch: list[Source], error: TooLarge) -> tuple[list[Source], list[Source]]:
    """Two to try in place of one that a server found too large; the error where it is no larger than most are."""
    if len(batch) <= FEWER:
        raise error
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]


@contextmanager
def opened(
    collection: str, batch: Sequence[Source], metadata: Metadata | None = None
) -> Iterator[Opened]:
    """The request for a batch, its files open while the block runs; `metadata` is for all of them."""
    if isinstance(batch[0].content, Url):
        yield Opened(_url_request(collection, batch[0], batch[0].content, metadata), {})
        return
    texts = [source.content for source in batch if isinstance(source.content, str)]
    if len(texts) == len(batch) and sum(map(len, texts)) <= MOST_INLINE:
        yield Opened(_texts_request(collection, batch, texts, metadata), {})
        return
    with ExitStack() as stack:
        files: list[tuple[str, tuple[str, IO[bytes] | bytes]]] = []
        about: list[dict[str, Any]] = []
        unread: dict[int, Accepted] = {}
        for place, source in enumerate(batch):
            try:
                content = _open(stack, source)
            except OSError as error:
                unread[place] = _unread(source, error)
            else:
                files.append(("file", (source.shown_name, content)))
                about.append(_about(source))
        yield Opened(_request(collection, files, about, metadata) if files else None, unread)


def in_order(answer: Upload | None, unread: Mapping[int, Accepted]) -> Upload:
    """The answer with what could not be read put back in its place."""
    documents = list(answer["documents"]) if answer else []
    for place, accepted in sorted(unread.items()):
        documents.insert(place, accepted)
    return {"job_id": answer["job_id"] if answer else None, "documents": documents}


def merge(uploads: Iterable[Upload]) -> Added:
    """Several answers as one."""
    jobs: dict[str, None] = {}
    documents: list[Accepted] = []
    for upload in uploads:
        jobs |= dict.fromkeys(jobs_of(upload))
        documents.extend(upload["documents"])
    return {"job_ids": list(jobs), "documents": documents}


def jobs_of(upload: Upload) -> list[str]:
    """The jobs to wait for until all of it is in: its own, and those by which some of it was coming in already."""
    earlier = (each.get("job_id") for each in upload["documents"] if is_coming_in(each))
    return [job for job in dict.fromkeys([upload["job_id"], *earlier]) if job is not None]


def is_coming_in(document: Accepted) -> bool:
    """Whether the same document was sent before and is not ready yet."""
    return document.get("outcome") == "unchanged" and document.get("state") in {
        "queued",
        "processing",
    }


def _request(
    collection: str,
    files: Sequence[tuple[str, tuple[str, IO[bytes] | bytes]]],
    about: Sequence[Mapping[str, Any]],
    metadata: Metadata | None,
) -> Request[Upload]:
    data = {"documents": json.dumps(about)}
    if metadata:
        data["metadata"] = json.dumps(dict(metadata))
    return Request(
        "POST",
        documents_path(collection),
        upload_reader([each["name"] for each in about]),
        data=data,
        files=files,
    )


def _url_request(
    collection: str, source: Source, url: Url, metadata: Metadata | None
) -> Request[Upload]:
    body = {**_inline(source, metadata), "url": url.address}
    return Request(
        "POST", documents_path(collection), upload_reader([source.shown_name]), json=body
    )


def _texts_request(
    collection: str, batch: Sequence[Source], texts: Sequence[str], metadata: Metadata | None
) -> Request[Upload]:
    """Texts without a name stay without: the server calls them after their first line, as we show them."""
    documents = [
        {**_inline(source, metadata), "text": text}
        for source, text in zip(batch, texts, strict=True)
    ]
    names = [source.shown_name for source in batch]
    return Request(
        "POST", documents_path(collection), upload_reader(names), json={"documents": documents}
    )


def _inline(source: Source, metadata: Metadata | None) -> dict[str, Any]:
    """What is said of a document that travels in JSON; `metadata` is for all of them."""
    about = _about(source)
    about.pop("is_text", None)
    if source.name is None and source.on_same_name is None:
        del about["name"]
    return {**about, "metadata": {**(metadata or {}), **(source.metadata or {})}}


def _open(stack: ExitStack, source: Source) -> IO[bytes] | bytes:
    content = cast("Path | bytes | str", source.content)  # a URL travels alone
    if isinstance(content, Path):
        return (
            content.read_bytes()
            if _size(source) <= _SMALL
            else stack.enter_context(content.open("rb"))
        )
    return content.encode() if isinstance(content, str) else content


def _size(source: Source) -> int:
    if isinstance(source.content, Url):
        return MOST_BYTES + 1
    if not isinstance(source.content, Path):
        return len(source.content)
    try:
        return source.content.stat().st_size
    except OSError:
        return 0


def _about(source: Source) -> dict[str, Any]:
    about: dict[str, Any] = {"name": source.shown_name}
    if source.external_id is not None:
        about["external_id"] = source.external_id
    if source.metadata is not None:
        about["metadata"] = dict(source.metadata)
    if source.metadata_mode is not None:
        about["metadata_mode"] = source.metadata_mode
    if source.on_same_name is not None:
        about["on_same_name"] = source.on_same_name
    if isinstance(source.content, str):
        about["is_text"] = True
    elif source.encoding is not None:
        about["encoding"] = source.encoding
    return about


def _unread(source: Source, error: OSError) -> Accepted:
    detail = f"{error.filename} cannot be read: {error.strerror}"
    trouble = {"code": "unreadable", "detail": detail}
    return cast(Accepted, {"name": source.shown_name, "error": trouble})
