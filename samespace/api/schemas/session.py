"""Sessions of browsers."""

from pydantic import Field

from samespace.core.wire import Model


class SignIn(Model):
    """The key that is exchanged for a cookie."""

    key: str = Field(min_length=1, max_length=1000)


class SessionView(Model):
    """Who asks, and what that one may do: `actor` is null and `scopes` is empty for who has to sign in first.

    `limited`: to some collections. `signed_in` is false where no key is asked for, and for a key in the header.
    """

    signed_in: bool
    actor: str | None
    scopes: list[str]
    limited: bool
