"""What a collection can be filtered by."""

from samespace.core.wire import Model


class ValueView(Model):
    """A value of a metadata field, and how many documents have it."""

    value: str | bool | int | float
    count: int


class FieldView(Model):
    """A metadata field, its most frequent values first."""

    name: str
    values: list[ValueView]


class FieldList(Model):
    """The fields by name; their counts stand on so many documents, the newest if that is not the whole collection."""

    fields: list[FieldView]
    documents: int
    whole: bool
