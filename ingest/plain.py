"""Reading small plain texts in the worker itself, where a child process would cost more than all the rest.

No library opens them: they have to be valid UTF-8 and show no sign of another encoding, and then they take a decoding,
a look for control characters and two replacements, each linear in at most 64 KB. Whatever is not as plain as that goes
to a child process like every other file (docs/decisions/0004-parse-in-child-processes.md).
"""

from ingest.formats import registry
from ingest.formats.text.read import is_plain_utf8
from ingest.parse import ParseJob, open_document
from ingest.parsed import Parsed, read_source
from samespace.core.errors import SamespaceError
from samespace.store.records import Document

MOST_BYTES = 64 * 1024
"""Of a text that is read here."""


def is_plain(doc: Document) -> bool:
    """Whether a document may be read here, as far as its record tells."""
    found = registry.FORMATS.of(doc.media_type)
    is_small = 0 < doc.size <= MOST_BYTES
    return is_small and found is not None and found.is_plain and doc.encoding is None


def read_plain(job: ParseJob) -> Parsed | SamespaceError | None:
    """What such a document holds, or why it cannot be read; None where it is not as plain as it seemed."""
    try:
        data = read_source(job.source)
    except OSError:
        return None
    if len(data) > MOST_BYTES or not is_plain_utf8(data):
        return None
    try:
        return open_document(data, job.name, job.media_type, job.limits)
    except SamespaceError as error:
        return error
