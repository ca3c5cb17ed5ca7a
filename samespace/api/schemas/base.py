"""What the wire format is made of, strict: a field that is not known is an error."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Metadata = dict[str, Any]
# pydantic looks for halves of surrogate pairs, which no store and no tokenizer takes, where there is a constraint.
Text = Annotated[str, Field(min_length=0)]
Id = Annotated[str, Field(max_length=2000, pattern="^[^\\x00-\\x1f]*$")]
Targets = list[Text] | None
ExternalId = Annotated[str, Field(min_length=1, max_length=2000, pattern="^[^\\x00]*$")]
Encoding = Annotated[str, Field(min_length=1, max_length=40, examples=["cp1251"])]
Name = Annotated[str, Field(max_length=1000, pattern="^[^\\x00]*$")]


class Model(BaseModel):
    """The base of all below."""

    model_config = ConfigDict(strict=True, extra="forbid")


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
