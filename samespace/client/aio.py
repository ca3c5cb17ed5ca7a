"""The client. `aio` is written by hand, and `python -m recipes.client` makes `sync` of it."""

from asyncio import sleep
from collections.abc import AsyncIterator
from time import monotonic
from typing import Self, TypeVar

import httpx

from samespace.client import requests
from samespace.client.answers import raise_for_problem, read_event_line, require_ready, retry_after
from samespace.client.http import (
    REOPEN_SECONDS,
    OnProgress,
    OnWait,
    arguments,
    is_final,
    options,
    server_of,
    speaking_plainly,
    stream_arguments,
)
from samespace.client.requests import Request
from samespace.client.uploads import (
    Source,
    Sources,
    batches,
    halves,
    in_order,
    merge,
    opened,
)
from samespace.client.verbs import async_method
from samespace.client.views import Job
from samespace.client.wire import Added, Map, Metadata, Upload
from samespace.core.errors import TooLarge

T = TypeVar("T")


class AsyncClient:
    """A samespace server, spoken to over HTTP; a context manager that closes its connections.

    Every verb raises the errors of `samespace.core.errors`: Unavailable where nothing answers, Unauthorized
    without a key that is wanted, and those the verb names. Without a `url` it is the server of SAMESPACE_URL, spoken
    to with SAMESPACE_API_KEY where no `key` is given; else http://127.0.0.1:7373. `timeout` counts the seconds of one
    silence; `patience` those for which a server that is busy (429) is asked again, `upload_patience` those for which
    each part of an upload waits for room.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        patience: float = 60.0,
        upload_patience: float = 3600.0,
    ) -> None:
        self._url, key = server_of(url, key)
        self._patience = patience
        self._upload_patience = upload_patience
        with speaking_plainly(self._url):
            self._http = httpx.AsyncClient(**options(self._url, key, timeout))

    collections = async_method(requests.collections)
    collection = async_method(requests.collection)
    create_collection = async_method(requests.create_collection)
    delete_collection = async_method(requests.delete_collection)
    set_quota = async_method(requests.set_quota)
    collection_model = async_method(requests.collection_model)
    try_model = async_method(requests.try_model)
    change_model = async_method(requests.change_model)
    swap_model = async_method(requests.swap_model)
    go_back = async_method(requests.go_back)
    give_up_model = async_method(requests.give_up_model)
    documents = async_method(requests.documents)
    document = async_method(requests.document)
    items = async_method(requests.items)
    content = async_method(requests.content)
    delete = async_method(requests.delete)
    retry = async_method(requests.retry)
    cancel = async_method(requests.cancel)
    pause = async_method(requests.pause)
    resume = async_method(requests.resume)
    search = async_method(requests.search)
    similar = async_method(requests.similar)
    classify = async_method(requests.classify)
    classify_collection = async_method(requests.classify_collection)
    start_job = async_method(requests.start_job)
    label_sets = async_method(requests.label_sets)
    save_label_set = async_method(requests.save_label_set)
    delete_label_set = async_method(requests.delete_label_set)
    kept_queries = async_method(requests.kept_queries)
    keep_query = async_method(requests.keep_query)
    forget_query = async_method(requests.forget_query)
    mark_answer = async_method(requests.mark_answer)
    query_log = async_method(requests.query_log)
    forget_query_log = async_method(requests.forget_query_log)
    comparison = async_method(requests.comparison)
    start_comparison = async_method(requests.start_comparison)
    mark_better = async_method(requests.mark_better)
    forget_marks = async_method(requests.forget_marks)
    embed = async_method(requests.embed)
    job = async_method(requests.job)
    jobs = async_method(requests.jobs)
    cancel_job = async_method(requests.cancel_job)
    retry_job = async_method(requests.retry_job)
    keys = async_method(requests.keys)
    key = async_method(requests.key)
    create_key = async_method(requests.create_key)
    rotate_key = async_method(requests.rotate_key)
    revoke_key = async_method(requests.revoke_key)
    audit = async_method(requests.audit)
    status = async_method(requests.status)
    models = async_method(requests.models)
    model = async_method(requests.model)
    add_model = async_method(requests.add_model)
    remove_model = async_method(requests.remove_model)
    start_map = async_method(requests.start_map)
    kept_map = async_method(requests.kept_map)
    get_items = async_method(requests.get_items)

    async def add(
        self, collection: str, sources: Sources, *, metadata: Metadata | None = None
    ) -> Added:
        """Add documents (paths of files, or `Source`s); what could not be taken says why in its place."""
        uploads = self.add_in_batches(collection, sources, metadata=metadata)
        return merge([upload async for upload in uploads])

    async def add_in_batches(
        self,
        collection: str,
        sources: Sources,
        *,
        metadata: Metadata | None = None,
        on_wait: OnWait | None = None,
    ) -> AsyncIterator[Upload]:
        """The same, answering after each request; `sources` is read no further than is sent.

        `on_wait` hears, in seconds, how long a server that is busy wants to be left alone.
        """
        for batch in batches(sources):
            async for upload in self._add(collection, batch, metadata, on_wait):
                yield upload

    async def _add(
        self,
        collection: str,
        batch: list[Source],
        metadata: Metadata | None,
        on_wait: OnWait | None,
    ) -> AsyncIterator[Upload]:
        try:
            with opened(collection, batch, metadata) as files:
                answer = (
                    await self._send(files.request, self._upload_patience, on_wait)
                    if files.request
                    else None
                )
        except TooLarge as error:
            parts = halves(batch, error)
        else:
            yield in_order(answer, files.unread)
            return
        for part in parts:
            async for upload in self._add(collection, part, metadata, on_wait):
                yield upload

    async def wait(self, *job_ids: str, on_progress: OnProgress | None = None) -> list[Job]:
        """The jobs, once each has come to its end; `on_progress` hears of each change."""
        return [await self._wait(id, on_progress) for id in job_ids]

    async def map(self, collection: str, *, on_progress: OnProgress | None = None) -> Map:
        """The map of a collection as it is now: made anew where the collection has changed, and waited for."""
        [job] = await self.wait(await self.start_map(collection), on_progress=on_progress)
        require_ready(job)
        return await self.kept_map(collection)

    async def events(self, job_id: str) -> AsyncIterator[Job]:
        """A job each time it has changed, until it has come to its end."""
        request = requests.job_events(job_id)
        with speaking_plainly(self._url):
            async with self._http.stream(**stream_arguments(request)) as response:
                if response.is_error:
                    await response.aread()
                    raise_for_problem(response)
                async for line in response.aiter_lines():
                    if (job := read_event_line(line)) is not None:
                        yield job

    async def send(self, request: Request[T]) -> T:
        """The answer to any request of `samespace.client.requests`."""
        return await self._send(request, self._patience)

    async def _send(self, request: Request[T], patience: float, on_wait: OnWait | None = None) -> T:
        until = monotonic() + patience
        while True:
            with speaking_plainly(self._url):
                response = await self._http.request(**arguments(request))
            pause = retry_after(response)
            if pause is None or monotonic() + pause > until:
                return request.read(response)
            if on_wait:
                on_wait(pause)
            await sleep(pause)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _wait(self, id: str, on_progress: OnProgress | None) -> Job:
        job = await self.job(id)
        while not is_final(job):
            async for job in self.events(id):
                if on_progress:
                    on_progress(job)
            job = await self.job(id)
            if not is_final(job):
                # A stream that ends early (a proxy's doing) is opened again.
                await sleep(REOPEN_SECONDS)
        if on_progress:
            on_progress(job)
        return job
