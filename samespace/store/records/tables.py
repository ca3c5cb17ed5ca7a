"""The tables as SQLAlchemy sees them; `samespace.store.migrations` makes and changes them in the database.

Times are seconds since the epoch. SQLite and PostgreSQL run the same statements.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData()

collections = Table(
    "collections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("preset", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
    # Documents of a paused collection are accepted and wait.
    Column("paused", Boolean, nullable=False, server_default=false()),
    # Fair turns: when documents of it were last taken; how often in a row what its claims need did not answer, and
    # until when it is therefore left alone.
    Column("claimed_at", Double),
    Column("rests", Integer, nullable=False, server_default="0"),
    Column("rest_until", Double),
    # The quota, and what counts against it: documents that are not being deleted, and the sizes of their originals.
    Column("max_documents", BigInteger),
    Column("max_bytes", BigInteger),
    Column("held_documents", BigInteger, nullable=False, server_default="0"),
    Column("held_bytes", BigInteger, nullable=False, server_default="0"),
)

# What makes vectors: as it was when a collection first used it, for the fingerprint is known only then. A row never
# changes: another length, prompt or weight is another model.
models = Table(
    "models",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("adapter", String(32), nullable=False),
    Column("source", Text, nullable=False),
    Column("revision", String(200)),
    Column("fingerprint", String(64), nullable=False),
    Column("dim", Integer, nullable=False),
    Column("modalities", JSON, nullable=False),
    # NULL: a custom model of a release that did not write it down; the model says.
    Column("max_tokens", Integer),
    Column("score_kind", String(16), nullable=False),
    Column("query_prompt", Text, nullable=False),
    Column("passage_prompt", Text, nullable=False),
    Column("scale", Double),
    Column("bias", Double),
    Column("created_at", Double, nullable=False),
)

# Models that were added under a name; what makes their vectors stands in `models`.
registry = Table(
    "registry",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("model_id", ForeignKey("models.id"), nullable=False),
    # That of the model, once more: the same weights are not added under two names.
    Column("fingerprint", String(64), nullable=False, unique=True),
    # `hub`, `folder`, `trained`, `preset`, or `kept`: the starter of a release, as long as collections use it.
    Column("origin", String(16), nullable=False),
    # As it was named by who added it.
    Column("source", Text, nullable=False),
    # The hash of the blob that lists its files, and what that says: their SHA-256 by path. NULL: it is not packed.
    Column("manifest", String(64)),
    Column("files", JSON, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("licence", Text),
    # Where it came from, as far as that is known: see `samespace.registry.card`.
    Column("card", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
)

indexes = Table(
    "indexes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    # See `samespace.store.index_kinds`.
    Column("kind", String(16), nullable=False),
    Column("model_id", ForeignKey("models.id")),
    Column("role", String(16), nullable=False),
    # What it is called in the store of its kind; of a dense one the Milvus alias.
    Column("name", String(255), nullable=False, unique=True),
    # Among those of its collection: where several could do a thing, the first does.
    Column("position", Integer, nullable=False),
    # What its rows have beside their columns: see `samespace.store.rows`.
    Column("rows_version", Integer, nullable=False, server_default="1"),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Index("indexes_by_collection", "collection_id"),
)

# The change of a collection's model that is under way, or that can still be gone back on: the indexes that come in,
# by id, and those that go out for them. One at a time.
model_changes = Table(
    "model_changes",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    # What was asked for, and the preset of the collection before.
    Column("preset", String(200), nullable=False),
    Column("before", String(200), nullable=False),
    # The one space that is changed; NULL: all of them.
    Column("space", String(64)),
    Column("incoming", JSON, nullable=False),
    Column("outgoing", JSON, nullable=False),
    # Whether those that come in are what searches ask.
    Column("is_switched", Boolean, nullable=False, server_default=false()),
    # What is to be done as soon as nothing is lacking: `new`, ask those that come in; `old`, those that went out; and
    # with `force`, though documents are lacking that cannot be held.
    Column("wants", String(8)),
    Column("force", Boolean, nullable=False, server_default=false()),
    Column("keep_days", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("switched_at", Double),
    # Until when the indexes that searches do not ask any more are kept.
    Column("kept_until", Double),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", ForeignKey("collections.id"), nullable=False),
    Column("external_id", Text),
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content_hash", String(64), nullable=False),
    # What a person said that its text is in; nothing where that is told by the bytes or guessed.
    Column("encoding", String(40)),
    Column("metadata", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("warnings", JSON, nullable=False),
    # Every change of content, metadata or fate is a new generation; writes of an older one are refused.
    Column("generation", Integer, nullable=False),
    # What answers searches now: the generation that was last ready, and the bytes it came from.
    Column("live_generation", Integer),
    Column("live_hash", String(64)),
    # Index rows of generations below this one are known to be gone.
    Column("swept_generation", Integer, nullable=False),
    # A turn that did not end well may have left index rows, of a generation that is not live.
    Column("has_leftovers", Boolean, nullable=False, server_default=false()),
    Column("attempt", Integer, nullable=False),
    Column("owner", String(64)),
    Column("lease_until", Double),
    Column("job_id", String(32), index=True),
    Column("items_total", Integer),
    Column("items_done", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("submitted_at", Double, nullable=False),
    # A document that was put back because something went wrong is not taken before this time.
    Column("not_before", Double),
    Column("started_at", Double),
    Column("finished_at", Double),
    # As people compare them, see `samespace.store.fold`; only to find documents by.
    Column("folded_name", Text, nullable=False, server_default=""),
    Column("folded_external_id", Text),
    UniqueConstraint("collection_id", "external_id"),
    Index("documents_by_state", "state", "lease_until"),
    Index("documents_by_turn", "state", "collection_id", "submitted_at"),
    # How fast work goes is read off it.
    Index("documents_by_end", "finished_at"),
    Index("documents_by_content", "content_hash"),
    Index("documents_by_name", "collection_id", "folded_name"),
    # They are listed by it, a page at a time.
    Index("documents_by_id", "collection_id", "id"),
    Index("documents_by_live_content", "live_hash"),
    Index(
        "documents_without_external_id",
        "collection_id",
        "content_hash",
        unique=True,
        sqlite_where=text("external_id IS NULL"),
        postgresql_where=text("external_id IS NULL"),
    ),
)

items = Table(
    "items",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key", String(32), nullable=False),
    Column("modality", String(8), nullable=False),
    Column("content_hash", String(64), nullable=False, index=True),
)

# What an index holds of a document that answers searches; written in the transaction that makes it live there.
document_indexes = Table(
    "document_indexes",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("index_id", ForeignKey("indexes.id", ondelete="CASCADE"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    # Of its items those that this index takes, and how many of them it has.
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # The positions of items of which it knows only the beginning, because they are longer than it takes; NULL: none.
    Column("truncated", JSON(none_as_null=True)),
    # Why it holds nothing of it, where its state is `failed`.
    Column("reason", Text),
    # One tree instead of two: a row for each document is written with every claim.
    sqlite_with_rowid=False,
)

# Originals and contents of cached vectors that may be nobody's once the document they were noted for has ended.
garbage = Table(
    "garbage",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("content_hash", String(64), nullable=False, index=True),
    Column("document_id", String(32), nullable=False, index=True),
    # Whoever noted it may be writing until then.
    Column("not_before", Double, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    # NULL: of all of them.
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE")),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("params", JSON, nullable=False),
    Column("result", JSON),
    Column("reason", Text),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", String(64)),
    Column("lease_until", Double),
    Column("created_at", Double, nullable=False),
    Column("submitted_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("stage", Text),
    # When what a kept result shows was last held against what is still there.
    Column("checked_at", Double),
    # When it was last begun: how fast it goes is read off it.
    Column("started_at", Double),
    Index("jobs_by_state", "state", "kind"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    # Of "read", "write", "admin".
    Column("scopes", JSON, nullable=False, server_default='["read", "write", "admin"]'),
    # The ids of the collections it is limited to; NULL: all.
    Column("collection_ids", JSON(none_as_null=True)),
    # Requests a minute; NULL: the setting's.
    Column("rate", Integer),
    Column("expires_at", Double),
    # After a rotation the old secret may go on for a while.
    Column("previous_hash", String(64)),
    Column("previous_until", Double),
)

label_sets = Table(
    "label_sets",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("labels", JSON, nullable=False),
    Column("saved_at", Double, nullable=False),
    # The indexes that searches asked then, by id: a threshold is of a model. NULL: nobody wrote that down.
    Column("models", JSON(none_as_null=True)),
)

# Of browsers that signed in with a key: one of the records, or (NULL) that of the settings. `proof` binds a session
# to the secret it was begun with, so that it ends with it.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("key_id", ForeignKey("keys.id", ondelete="CASCADE"), index=True),
    Column("proof", String(64)),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
)

# One for each collection that somebody looked at as a map; `stamp` is what it was made of.
maps = Table(
    "maps",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("stamp", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("points", LargeBinary, nullable=False),
)

# Queries that somebody keeps, to compare indexes by; the id is a hash of the collection and of all the query says.
kept_queries = Table(
    "kept_queries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    Column("parts", JSON, nullable=False),
    # The wanted modalities; NULL: all.
    Column("targets", JSON(none_as_null=True)),
    Column("kept_at", Double, nullable=False),
    Index("kept_queries_by_collection", "collection_id"),
)

# What a person says of a document as an answer to a kept query.
judgements = Table(
    "judgements",
    metadata,
    Column("query_id", ForeignKey("kept_queries.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    Column("is_good", Boolean, nullable=False),
    Column("judged_at", Double, nullable=False),
)

# Which of two sets of indexes a person says answers a kept query better; `pair` names both, `better` one of them, NULL
# neither. Who says it again says something else.
preferences = Table(
    "preferences",
    metadata,
    Column("query_id", ForeignKey("kept_queries.id", ondelete="CASCADE"), primary_key=True),
    Column("pair", String(32), primary_key=True),
    Column("actor", String(64), primary_key=True),
    Column("better", String(32)),
    # Whether they did not know which was which.
    Column("blind", Boolean, nullable=False),
    Column("said_at", Double, nullable=False),
)

# What was asked of a collection, each query once, the newest of them; only where the operator has it kept.
asked_queries = Table(
    "asked_queries",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("parts", JSON, nullable=False),
    Column("targets", JSON(none_as_null=True)),
    Column("times", Integer, nullable=False),
    Column("asked_at", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Double, nullable=False, index=True),
    # The id of the key that asked, or "setting", "nobody" (no key is asked for), "command line", "worker".
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("collection", String(64)),
    Column("subject", Text),
    Column("detail", JSON, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", Double, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("about", JSON, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)
