"""The stages of a question and of a small document, as a person tells them; what is left over is said beside them."""

from benchmarks.profile.watch import Stage

_DOCUMENTS = "samespace.store.records.documents:Documents"
_CLAIMS = "samespace.store.records.claims:Claims"
_INDEX = "samespace.store.index_milvus:MilvusIndex"
_ENCODER = "samespace.encoders.batcher:BatchedEncoder"
_CACHE = "samespace.store.vectors:VectorCache"

QUESTION = (
    Stage("reading the body", ("samespace.api.routes.search:_body",)),
    Stage("records: the collection", ("samespace.api.context:Context.collection",)),
    Stage("encoder", (f"{_ENCODER}.encode",)),
    Stage("tokens counted", (f"{_ENCODER}.count_tokens",)),
    Stage("index: nearest rows", (f"{_INDEX}.nearest", f"{_INDEX}.search")),
    Stage("index: rows of what is shown", (f"{_INDEX}.rows",)),
    Stage("index: other calls", (f"{_INDEX}.get", f"{_INDEX}.count", f"{_INDEX}.sample")),
    Stage(
        "calibration",
        (
            "search.background:Backgrounds.get",
            "search.candidates:calibrate_query",
            "search.candidates:chance_of",
        ),
    ),
    Stage("records: documents that are live", (f"{_DOCUMENTS}.live",)),
    Stage("ranking", ("search.query:merge", "search.stretch:explain", "search.stretch:make_hits")),
    Stage("cursor kept in the queue's store", ("search.cursor:Cursors.keep",)),
    Stage("records: documents still coming in", ("samespace.api.responses.pending:Pending.count",)),
    Stage("search, what is left of it", ("samespace.api.routes.search:search",)),
    Stage("answer as JSON", ("samespace.api.routes.search:_answer",)),
)

ACCEPT = (
    Stage("hash, size, first bytes", ("ingest.accept:_measure",)),
    Stage("type by content", ("ingest.accept:detect", "ingest.accept:detect_text")),
    Stage("fsync", ("os:fsync",)),
    Stage("blob written, without fsync", ("samespace.store.blobs_disk:DiskBlobs.put_all",)),
    Stage(
        "records: room, document, job; SQLite syncs them",
        (
            f"{_DOCUMENTS}.accept_all",
            f"{_DOCUMENTS}.has_room",
            f"{_DOCUMENTS}.check_room",
            "samespace.store.records.jobs:Jobs.join",
        ),
    ),
    Stage("queue told", ("workers.submit:Queue.ingest",)),
    Stage("accepting, what is left of it", ("samespace.api.routes.add:accept_documents",)),
)

WORK = (
    Stage("records: claimed", (f"{_CLAIMS}.claim_next",)),
    Stage("original read", ("samespace.store.blobs_disk:DiskBlobs.get",)),
    Stage("opened", ("ingest.sandbox:Sandbox.run_many", "ingest.opening:read_plain")),
    Stage("chunked", ("ingest.opening:chunk",)),
    Stage("records: contents noted", ("samespace.store.records.garbage:Garbage.note",)),
    Stage("vector cache: looked up", (f"{_CACHE}.get",)),
    Stage("vector cache: kept", (f"{_CACHE}.put",)),
    Stage("encoder", (f"{_ENCODER}.encode",)),
    Stage("tokens counted", (f"{_ENCODER}.count_tokens",)),
    Stage("index: rows written", (f"{_INDEX}.upsert",)),
    Stage("records: progress, ready", (f"{_CLAIMS}.progress", f"{_CLAIMS}.ready")),
    Stage("ingest, what is left of it", ("workers.work:ingest_documents",)),
)
