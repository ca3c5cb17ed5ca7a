"""Label sets under a name."""

from samespace.core.wire import Labels, Model, Prompts


class LabelSetBody(Model):
    """Labels with templates and threshold, as classification takes them."""

    labels: Labels
    templates: Prompts | None = None
    threshold: float | None = None


class NamedLabelSet(LabelSetBody):
    """A label set and its name; `stale` where its threshold was chosen for another model than the collection is
    searched by now."""

    name: str
    stale: bool = False


class LabelSetList(Model):
    """The label sets of a collection, by name."""

    labelsets: list[NamedLabelSet]
