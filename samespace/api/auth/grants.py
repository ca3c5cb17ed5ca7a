"""What the one who asks may do: the scopes of a key, and the collections it is limited to."""

from dataclasses import dataclass

from samespace.core.errors import Forbidden
from samespace.store.records.keys import Key, Scope


@dataclass(frozen=True, slots=True)
class Grant:
    """Who asks, by the name that audit lines give, and what that one may do; `collection_ids` None means all.

    `by_cookie`: a browser showed the cookie of a session, which it also does for pages that the user did not mean.
    """

    actor: str
    scopes: frozenset[Scope]
    collection_ids: frozenset[str] | None = None
    rate: int | None = None
    expires_at: float | None = None
    by_cookie: bool = False

    def sees(self, collection_id: str | None) -> bool:
        """Whether the collection of this id exists for the one who asks; None: what is of all of them."""
        return self.collection_ids is None or collection_id in self.collection_ids

    @property
    def is_limited(self) -> bool:
        """Whether there are collections that must not be shown."""
        return self.collection_ids is not None


# What routes get that declare no scope: the open ones.
NO_GRANT = Grant("nobody", frozenset(), frozenset())


# The key in the settings, and everybody where no key is asked for.
OF_SETTING = Grant("setting", frozenset(Scope))
OF_NOBODY = Grant("nobody", frozenset(Scope))


def grant_of(key: Key) -> Grant:
    """The grant of a key; one limited to collections is never an admin's."""
    scopes = frozenset(key.scopes)
    if key.collection_ids is None:
        return Grant(key.id, scopes, None, key.rate, key.expires_at)
    limited = frozenset(key.collection_ids)
    return Grant(key.id, scopes - {Scope.ADMIN}, limited, key.rate, key.expires_at)


def check_scope(grant: Grant, scope: Scope, *, everywhere: bool) -> None:
    """Forbidden unless the grant has this scope, and where that is needed for all collections."""
    if scope not in grant.scopes:
        has = ", ".join(name for name in Scope if name in grant.scopes) or "none"
        raise Forbidden(f"this needs a key with scope {scope}; the scopes of this one: {has}")
    if everywhere and grant.is_limited:
        raise Forbidden("this needs a key that is not limited to some collections")


def check_covers(grant: Grant, key: Key) -> None:
    """Forbidden if a key can do what the one who asks cannot: nobody hands out more than they have."""
    theirs = grant_of(key)
    if theirs.scopes - grant.scopes or not _covers_collections(grant, theirs):
        raise Forbidden("a key cannot hand out more rights than it has")
    if grant.rate is not None and (theirs.rate is None or theirs.rate > grant.rate):
        raise Forbidden(f"this key may ask {grant.rate} times a minute, and hand out no more")
    if grant.expires_at is not None and (
        theirs.expires_at is None or theirs.expires_at > grant.expires_at
    ):
        raise Forbidden("this key expires, and what it hands out has to expire no later")


def _covers_collections(grant: Grant, other: Grant) -> bool:
    if grant.collection_ids is None:
        return True
    return other.collection_ids is not None and other.collection_ids <= grant.collection_ids
