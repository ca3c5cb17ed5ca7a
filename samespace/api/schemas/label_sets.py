"""Label sets under a name."""

from samespace.api.schemas.classify import Labels, Prompts
from samespace.core.wire import Model


class LabelSetBody(Model):
    """Labels with templates and threshold, as classification takes them."""

    labels: Labels
    templates: Prompts | None = None
    threshold: float | None = None


class NamedLabelSet(LabelSetBody):
    """A label set and its name."""

    name: str


class LabelSetList(Model):
    """The label sets of a collection, by name."""

    labelsets: list[NamedLabelSet]
