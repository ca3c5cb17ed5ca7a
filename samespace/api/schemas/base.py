"""Answers of all kinds: an empty one, and problems."""

from typing import Literal

from samespace.core.wire import Model


class Nothing(Model):
    """An empty answer."""


class ProblemPart(Model):
    """One of several things that failed."""

    name: str
    code: str
    detail: str


class Problem(Model):
    """An error, as RFC 9457 has it; `code` is stable."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemPart] = []
