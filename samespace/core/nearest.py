"""What somebody may have meant who wrote a name that there is not."""

from collections.abc import Collection
from difflib import get_close_matches

_LONGEST = 60
_MOST_KNOWN = 40
# What others call the same thing; only where the nearest spelling says nothing.
_OTHER_WORDS = {
    "count": ("limit",),
    "cursor": ("after", "start", "offset"),
    "k": ("limit",),
    "next": ("after",),
    "offset": ("start", "after"),
    "page": ("after", "start", "offset"),
    "page_size": ("limit",),
    "page_token": ("after",),
    "per_page": ("limit",),
    "q": ("query", "name"),
    "search": ("query", "name"),
    "size": ("limit",),
    "sort": ("newest",),
    "status": ("state",),
    "top_k": ("limit",),
}


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant, by its spelling or by what others call it; None without one."""
    low = name.lower()[:_LONGEST]
    for each in _OTHER_WORDS.get(low, ()):
        if each in known:
            return each
    found = get_close_matches(low, known, n=1, cutoff=0.6)
    return found[0] if found else None


def not_known(name: str, what: str, known: Collection[str]) -> str:
    """What is said of a name that is not known: the nearest one, or what there is.

    >>> not_known("limt", "parameter of GET /v1/jobs", {"after", "limit"})
    'limt is no parameter of GET /v1/jobs; did you mean limit?'
    """
    shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    meant = nearest(name, known)
    if meant is not None:
        return f"{shown} is no {what}; did you mean {meant}?"
    there = ", ".join(sorted(known)[:_MOST_KNOWN])
    return (
        f"{shown} is no {what}; known are {there}"
        if there
        else f"{shown} is no {what}; it has none"
    )
