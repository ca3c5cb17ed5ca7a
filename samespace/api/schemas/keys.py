"""Keys."""

from pydantic import ConfigDict, Field

from samespace.core.wire import Model, Word


class NewKey(Model):
    """A key to be made: `scopes` of read, write and admin, each with those before it; `rate` a minute."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "laptop", "scopes": ["read"]}]}
    )

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Word] = Field(default=["write"], max_length=16)
    collections: list[Word] | None = Field(default=None, max_length=1000)
    rate: int | None = Field(default=None, ge=1, lt=2**31)
    expires_in: float | None = Field(
        default=None, gt=0, lt=1e10, strict=False, allow_inf_nan=False, description="Seconds."
    )


class Rotation(Model):
    """A new secret; the one before goes on for a while."""

    grace: float = Field(
        default=0.0, ge=0, lt=1e10, strict=False, allow_inf_nan=False, description="Seconds."
    )


class KeyView(Model):
    """A key without its secret; `collections` are those it is limited to that still exist (null: all)."""

    id: str
    name: str
    scopes: list[str]
    collections: list[str] | None
    rate: int | None
    created_at: str
    expires_at: str | None
    previous_until: str | None


class ShownKey(KeyView):
    """A key with its full text, shown this once."""

    key: str


class KeyList(Model):
    """All keys, oldest first."""

    keys: list[KeyView]
