"""Audit lines."""

from typing import Any

from samespace.core.wire import Model


class AuditLineView(Model):
    """One change: the actor is the id of a key, "setting", "nobody", "command line" or "worker"."""

    id: int
    at: str
    actor: str
    action: str
    collection: str | None
    subject: str | None
    detail: dict[str, Any]


class AuditPage(Model):
    """Lines, oldest first; `next` goes into `after` of the following page."""

    lines: list[AuditLineView]
    next: int | None
