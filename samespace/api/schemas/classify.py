"""Labels, and what they were given to."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from samespace.core.wire import MOST_LABELS, Id, Labels, Model, Prompts, Text, Words

Items = Annotated[list[Id], Field(max_length=MOST_LABELS, fail_fast=True)]


class ClassifyBody(Model):
    """Labels, and one of: a text, a picture (base64), items, documents."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"labels": ["cat", "dog"], "text": "It purrs."}]}
    )

    labels: Labels
    templates: Prompts | None = None
    threshold: float | None = None
    text: Words | None = None
    image: Text | None = Field(None, json_schema_extra={"format": "byte"})
    items: Items | None = None
    documents: Items | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text, self.image, self.items, self.documents]
        if sum(each is not None for each in given) != 1:
            raise ValueError("exactly one of text, image, items and documents is needed")
        return self


class Probability(Model):
    """How likely a label is."""

    label: str
    p: float


class ClassView(Model):
    """The label of one thing, null where none is likely enough; `item` or `input` says which it is.

    `warnings` name texts and prompts that are longer than the space reads.
    """

    input: str | None = None
    item: str | None = None
    label: str | None
    probabilities: list[Probability]
    warnings: list[str]


class Classes(Model):
    """One result for each thing."""

    results: list[ClassView]
