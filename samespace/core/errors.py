"""Every error the application raises on purpose; `api.errors` maps them to answers, `cli` to messages.

A message names the thing, and where there is one the limit and the value, so that the reader can act on it.
"""


class SamespaceError(Exception):
    """The root of all errors below; `code` is stable and part of the interface."""

    code = "error"


class InvalidRequest(SamespaceError):
    """What was asked makes no sense: a bad name, filter, limit or query."""

    code = "invalid_request"


class NotFound(SamespaceError):
    """No collection, document, item or job of that name."""

    code = "not_found"


class Conflict(SamespaceError):
    """It exists already, or its state does not allow this."""

    code = "conflict"


class Unauthorized(SamespaceError):
    """No key, or one that is not good."""

    code = "unauthorized"


class Forbidden(SamespaceError):
    """The key does not allow this, or the Host or Origin of the request is not one this server answers."""

    code = "forbidden"


class TooLarge(SamespaceError):
    """An upload is past a size limit."""

    code = "too_large"


class Busy(SamespaceError):
    """A limit on what is going on at once is reached; the same request may succeed in `retry_after` seconds."""

    code = "busy"

    def __init__(self, message: str, retry_after: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QuotaExceeded(SamespaceError):
    """A collection holds as much as it may; deleting or a larger quota helps, waiting does not."""

    code = "quota_exceeded"


class Unavailable(SamespaceError):
    """A part this needs does not answer: index, queue, records or an encoder."""

    code = "unavailable"


class OutOfSpace(Unavailable):
    """The disk below a store is full, or too nearly full to take in more."""

    code = "out_of_space"


class TooLate(Unavailable):
    """There was no answer as long as one waits for it; the same request may succeed in `retry_after` seconds."""

    code = "too_late"
    retry_after = 5.0


class GivenUp(SamespaceError):
    """The one who asked has gone: what was done for them is dropped."""

    code = "given_up"


class Unreadable(SamespaceError):
    """The bytes of a document or picture cannot be read, or are past a limit once opened."""

    code = "unreadable"


class Unsupported(SamespaceError):
    """The content is of a type that is not taken in, or a space does not take this modality."""

    code = "unsupported"


class BadVector(SamespaceError):
    """A vector is not finite, not of unit length, or not of the space's dimension."""

    code = "bad_vector"


class FingerprintMismatch(SamespaceError):
    """The encoder that is loaded is not the one the collection was embedded with."""

    code = "fingerprint_mismatch"


class Superseded(SamespaceError):
    """A newer version, a deletion or another worker owns the document now; this work is to be dropped."""

    code = "superseded"


class Misconfigured(SamespaceError):
    """A setting is wrong or missing."""

    code = "misconfigured"
