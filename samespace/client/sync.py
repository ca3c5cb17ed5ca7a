"""The client. `aio` is written by hand, and `python -m recipes.client` makes `sync` of it."""

from collections.abc import Iterator
from time import monotonic, sleep
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
from samespace.client.verbs import method
from samespace.client.views import Job
from samespace.client.wire import Added, Map, Metadata, Upload
from samespace.core.errors import TooLarge

T = TypeVar("T")


class Client:
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
            self._http = httpx.Client(**options(self._url, key, timeout))

    collections = method(requests.collections)
    collection = method(requests.collection)
    create_collection = method(requests.create_collection)
    delete_collection = method(requests.delete_collection)
    set_quota = method(requests.set_quota)
    collection_model = method(requests.collection_model)
    try_model = method(requests.try_model)
    change_model = method(requests.change_model)
    swap_model = method(requests.swap_model)
    go_back = method(requests.go_back)
    give_up_model = method(requests.give_up_model)
    documents = method(requests.documents)
    document = method(requests.document)
    items = method(requests.items)
    content = method(requests.content)
    delete = method(requests.delete)
    retry = method(requests.retry)
    cancel = method(requests.cancel)
    pause = method(requests.pause)
    resume = method(requests.resume)
    search = method(requests.search)
    similar = method(requests.similar)
    classify = method(requests.classify)
    classify_collection = method(requests.classify_collection)
    start_job = method(requests.start_job)
    label_sets = method(requests.label_sets)
    save_label_set = method(requests.save_label_set)
    delete_label_set = method(requests.delete_label_set)
    kept_queries = method(requests.kept_queries)
    keep_query = method(requests.keep_query)
    forget_query = method(requests.forget_query)
    mark_answer = method(requests.mark_answer)
    query_log = method(requests.query_log)
    forget_query_log = method(requests.forget_query_log)
    comparison = method(requests.comparison)
    start_comparison = method(requests.start_comparison)
    mark_better = method(requests.mark_better)
    forget_marks = method(requests.forget_marks)
    embed = method(requests.embed)
    job = method(requests.job)
    jobs = method(requests.jobs)
    cancel_job = method(requests.cancel_job)
    retry_job = method(requests.retry_job)
    keys = method(requests.keys)
    key = method(requests.key)
    create_key = method(requests.create_key)
    rotate_key = method(requests.rotate_key)
    revoke_key = method(requests.revoke_key)
    audit = method(requests.audit)
    status = method(requests.status)
    models = method(requests.models)
    model = method(requests.model)
    add_model = method(requests.add_model)
    remove_model = method(requests.remove_model)
    start_map = method(requests.start_map)
    kept_map = method(requests.kept_map)
    get_items = method(requests.get_items)

    def add(self, collection: str, sources: Sources, *, metadata: Metadata | None = None) -> Added:
        """Add documents (paths of files, or `Source`s); what could not be taken says why in its place."""
        uploads = self.add_in_batches(collection, sources, metadata=metadata)
        return merge([upload for upload in uploads])

    def add_in_batches(
        self,
        collection: str,
        sources: Sources,
        *,
        metadata: Metadata | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[Upload]:
        """The same, answering after each request; `sources` is read no further than is sent.

        `on_wait` hears, in seconds, how long a server that is busy wants to be left alone.
        """
        for batch in batches(sources):
            for upload in self._add(collection, batch, metadata, on_wait):
                yield upload

    def _add(
        self,
        collection: str,
        batch: list[Source],
        metadata: Metadata | None,
        on_wait: OnWait | None,
    ) -> Iterator[Upload]:
        try:
            with opened(collection, batch, metadata) as files:
                answer = (
                    self._send(files.request, self._upload_patience, on_wait)
                    if files.request
                    else None
                )
        except TooLarge as error:
            parts = halves(batch, error)
        else:
            yield in_order(answer, files.unread)
            return
        for part in parts:
            for upload in self._add(collection, part, metadata, on_wait):
                yield upload

    def wait(self, *job_ids: str, on_progress: OnProgress | None = None) -> list[Job]:
        """The jobs, once each has come to its end; `on_progress` hears of each change."""
        return [self._wait(id, on_progress) for id in job_ids]

    def map(self, collection: str, *, on_progress: OnProgress | None = None) -> Map:
        """The map of a collection as it is now: made anew where the collection has changed, and waited for."""
        [job] = self.wait(self.start_map(collection), on_progress=on_progress)
        require_ready(job)
        return self.kept_map(collection)

    def events(self, job_id: str) -> Iterator[Job]:
        """A job each time it has changed, until it has come to its end."""
        request = requests.job_events(job_id)
        with speaking_plainly(self._url):
            with self._http.stream(**stream_arguments(request)) as response:
                if response.is_error:
                    response.read()
                    raise_for_problem(response)
                for line in response.iter_lines():
                    if (job := read_event_line(line)) is not None:
                        yield job

    def send(self, request: Request[T]) -> T:
        """The answer to any request of `samespace.client.requests`."""
        return self._send(request, self._patience)

    def _send(self, request: Request[T], patience: float, on_wait: OnWait | None = None) -> T:
        until = monotonic() + patience
        while True:
            with speaking_plainly(self._url):
                response = self._http.request(**arguments(request))
            pause = retry_after(response)
            if pause is None or monotonic() + pause > until:
                return request.read(response)
            if on_wait:
                on_wait(pause)
            sleep(pause)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, id: str, on_progress: OnProgress | None) -> Job:
        job = self.job(id)
        while not is_final(job):
            for job in self.events(id):
                if on_progress:
                    on_progress(job)
            job = self.job(id)
            if not is_final(job):
                # A stream that ends early (a proxy's doing) is opened again.
                sleep(REOPEN_SECONDS)
        if on_progress:
            on_progress(job)
        return job
