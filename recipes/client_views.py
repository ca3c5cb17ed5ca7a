"""What the API answers, as the client types it, out of the pydantic models of `samespace.api.schemas`."""

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from samespace.api.schemas import (
    audit,
    classify,
    collections,
    compare,
    documents,
    jobs,
    keys,
    label_sets,
    model_change,
    models,
    search,
    status,
)
from samespace.api.schemas import map as maps

ANSWERS: tuple[type[BaseModel], ...] = (
    collections.CollectionView,
    model_change.CollectionModel,
    documents.DocumentPage,
    documents.ItemView,
    label_sets.NamedLabelSet,
    compare.KeptQueryView,
    compare.QueryLogView,
    compare.CompareView,
    search.AnswerView,
    classify.ClassView,
    jobs.JobView,
    maps.FoundItem,
    keys.ShownKey,
    models.AddedModel,
    audit.AuditPage,
    status.StatusView,
)
"""What the client's methods answer; what they hold is found from them."""

_NAMES = {
    "DocumentPage": "Documents",
    "SpaceView": "SpaceInfo",
    "LearnedView": "LearnedFrom",
    "ItemView": "ItemInfo",
    "WorkerView": "WorkerInfo",
    "ScoreView": "ScorePart",
    "GapView": "MissingSpace",
    "ClassView": "Classified",
    "FoundItem": "MapItem",
    "NamedLabelSet": "LabelSet",
    "IndexView": "CollectionIndex",
    "ChangeView": "ModelChange",
}
_HEAD = '''"""What the API answers, as it travels: dictionaries of these shapes.

Made by `python -m recipes.client` from the models of the API; not written by hand.
"""

from typing import {}
'''


def render() -> str:
    """The module, as its file has it but for the line breaks of the formatter."""
    shapes = [_shape(model) for model in _in_order()]
    hints = " ".join(line.partition(": ")[2] for shape in shapes for line in shape.split("\n"))
    used = [name for name in ("Any", "Literal", "NotRequired") if name in hints]
    return "\n\n".join([_HEAD.format(", ".join([*used, "TypedDict"])), *shapes])


def _in_order() -> list[type[BaseModel]]:
    """Every model that is answered, those that others hold before them."""
    found: dict[type[BaseModel], None] = {}

    def add(model: type[BaseModel]) -> None:
        for inner in _models_of(model):
            if inner not in found:
                add(inner)
        found[model] = None

    for each in ANSWERS:
        add(each)
    return list(found)


def _models_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    if base := _base(model):
        yield base
    for hint in _fields(model).values():
        yield from _models_in(hint)


def _models_in(hint: Any) -> Iterator[type[BaseModel]]:
    if _is_model(hint):
        yield hint
    elif _is_union(hint):
        for each in _alternatives(hint):
            yield from _models_in(each)
    else:
        for each in get_args(hint):
            yield from _models_in(each)


def _base(model: type[BaseModel]) -> type[BaseModel] | None:
    """The model whose fields it has too."""
    above = model.__bases__[0]
    return above if issubclass(above, BaseModel) and above.model_fields else None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """The fields that are the model's own, and their types without what bounds them."""
    hints = get_type_hints(model)
    base = _base(model)
    inherited = base.model_fields if base else {}
    return {name: hints[name] for name in model.model_fields if name not in inherited}


def _shape(model: type[BaseModel]) -> str:
    base = _base(model)
    above = _name(base) if base else "TypedDict"
    lines = [f"class {_name(model)}({above}):", f'    """{model.__doc__}"""', ""]
    for name, hint in _fields(model).items():
        said = _type(hint)
        always = model.model_fields[name].is_required()
        lines.append(f"    {name}: {said if always else f'NotRequired[{said}]'}")
    return "\n".join(lines) + "\n"


def _name(model: type[BaseModel]) -> str:
    return _NAMES.get(model.__name__, model.__name__.removesuffix("View"))


def _type(hint: Any) -> str:
    if hint is Any:
        return "Any"
    if hint is type(None):
        return "None"
    if _is_union(hint):
        return " | ".join(_type(each) for each in _alternatives(hint))
    if get_origin(hint) is Literal:
        return f"Literal[{', '.join(map(repr, get_args(hint)))}]"
    if arguments := get_args(hint):
        return f"{get_origin(hint).__name__}[{', '.join(_type(each) for each in arguments)}]"
    return _name(hint) if _is_model(hint) else str(hint.__name__)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {types.UnionType, Union}


def _alternatives(hint: Any) -> list[Any]:
    """Those of a union; where any dictionary may stand, the models that may are covered."""
    found = list(get_args(hint))
    if dict[str, Any] not in found:
        return found
    return [each for each in found if not _is_model(each)]


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and not get_args(hint) and issubclass(hint, BaseModel)
