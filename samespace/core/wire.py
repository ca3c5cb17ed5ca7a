"""What the wire format is made of, strict: a field that is not known is an error; and bounded: no list and no text
is without a longest length, for what is wrong in one is told."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from samespace.core.names import LONGEST

MOST_IDS = 500_000
MOST_INPUTS = 100_000
MOST_PARTS = 1000
MOST_LABELS = 10_000
MOST_PROMPTS = 1000
LONGEST_QUERY = 100_000
UNKNOWN_FIELD = "unknown_field"
_MOST_TOLD = 20
_LONGEST_SHOWN = 250
_BOUNDED = "Bounded by SAMESPACE_MAX_JSON_BYTES."

Metadata = dict[str, Any]
# pydantic looks for halves of surrogate pairs, which no store and no tokenizer takes, where there is a constraint.
Text = Annotated[str, Field(min_length=0, description=_BOUNDED)]
"""As long as a body may be: the text of a document, the base64 of a picture."""
Words = Annotated[str, Field(min_length=0, max_length=LONGEST_QUERY)]
"""What is embedded while somebody waits."""
Word = Annotated[str, Field(min_length=0, max_length=1000)]
"""A name of something."""
Id = Annotated[str, Field(max_length=2000, pattern="^[^\\x00-\\x1f]*$")]
Targets = Annotated[list[Word], Field(max_length=16)] | None
# Which of two lengths is said to be wrong is one rule's to say (core.names); this one only bounds what is read.
ExternalId = Annotated[str, Field(min_length=1, max_length=2 * LONGEST, pattern="^[^\\x00]*$")]
Encoding = Annotated[str, Field(min_length=1, max_length=40, examples=["cp1251"])]
Name = Annotated[str, Field(max_length=2 * LONGEST, pattern="^[^\\x00]*$")]
# A long list that is wrong is wrong in one way mostly: the first is told, and no million of errors is made.
ManyIds = Annotated[list[Id], Field(max_length=MOST_IDS, fail_fast=True)]
# The paths of a folder's files: one that is too long for a document must not keep its folder from being synced.
LONGEST_PATH = 20_000
ManyExternalIds = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_PATH, pattern="^[^\\x00]*$")]],
    Field(max_length=MOST_IDS, fail_fast=True),
]

MetadataMode = Literal["merge", "replace"]
SameName = Literal["keep_both", "replace"]


class Model(BaseModel):
    """The base of all below."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _knows_its_fields(cls, given: Any) -> Any:
        """Some errors for all that is too much, which pydantic would make for each; what was meant instead is
        looked for where it is told."""
        if not isinstance(given, dict):
            return given
        unknown = [name for name in given if name not in cls.model_fields]
        if unknown:
            raise ValidationError.from_exception_data(
                cls.__name__, [cls._unknown(name) for name in unknown[:_MOST_TOLD]]
            )
        return given

    @classmethod
    def _unknown(cls, name: object) -> InitErrorDetails:
        # Halves of characters are no text to pydantic.
        shown = str(name)[:_LONGEST_SHOWN].encode("utf-8", "backslashreplace").decode()
        known = {"name": shown, "known": list(cls.model_fields)}
        kind = PydanticCustomError(UNKNOWN_FIELD, "{name} is not known", known)
        return {"type": kind, "loc": (shown,), "input": None}


Prompts = Annotated[list[Words], Field(max_length=MOST_PROMPTS, fail_fast=True)]


class LabelBody(Model):
    """A label with prompts of its own."""

    name: Words
    prompts: Prompts = []


Labels = Annotated[list[Words | LabelBody], Field(max_length=MOST_LABELS, fail_fast=True)]
