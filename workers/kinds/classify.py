"""The items of a whole collection under labels that nobody trained for."""

from pydantic import Field

from samespace.core.settings import Settings
from samespace.core.wire import Labels, Model, Prompts, Targets
from search.classify_collection import classify_collection, only_there
from search.labels import check_label_set, parse_label_set
from search.parts import parse_modalities
from workers.kinds.kind import JobRun, job_kind


class ClassifyJobBody(Model):
    """Labels for a whole collection; the `best` items of each are named."""

    labels: Labels
    templates: Prompts | None = None
    threshold: float | None = None
    targets: Targets = None
    best: int = Field(5, ge=0, le=100)


class ClassedItem(Model):
    """An item of a class, and how likely that class is."""

    id: str
    document_id: str
    document_name: str
    content_hash: str
    media_type: str
    modality: str
    confidence: float
    text: str | None
    page: int | None


class ClassedLabel(Model):
    """A label, how many items it has, and those it is surest and least sure of."""

    name: str
    count: int
    best: list[ClassedItem]
    least_certain: list[ClassedItem]


class CollectionClasses(Model):
    """What classifying a collection came to; `none` items have none of the labels, `none_items` are the unsurest of
    them. `indexes` are those that were read, by id; `stale`: searches ask another model by now."""

    complete: bool
    total: int
    none: int
    none_items: list[ClassedItem]
    labels: list[ClassedLabel]
    indexes: list[str] = Field(default_factory=list)
    stale: bool = False


def _check(params: ClassifyJobBody, settings: Settings) -> None:
    check_label_set(parse_label_set(params.model_dump()), settings)
    if params.targets is not None:
        parse_modalities(params.targets)


@job_kind(
    "classify",
    params=ClassifyJobBody,
    result=CollectionClasses,
    keeps_last=True,
    check=_check,
    still=only_there,
)
def classify_job(params: ClassifyJobBody, run: JobRun) -> CollectionClasses | None:
    """Sort every item; what is named of them goes with its document."""
    services = run.services
    result = classify_collection(
        parse_label_set(params.model_dump()),
        collection=run.collection,
        records=services.records,
        index=services.index,
        encoders=services.encoders,
        settings=services.settings,
        modalities=None if params.targets is None else parse_modalities(params.targets),
        best=params.best,
        caches=run.caches,
        on_progress=run.report,
    )
    return CollectionClasses(**result) if result["complete"] else None
