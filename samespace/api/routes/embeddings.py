"""Embeddings in OpenAI's shape, pictures as an extension.

See https://platform.openai.com/docs/api-reference/embeddings.
"""

import base64
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from samespace.api.context import Context, Reader
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.requests.bodies import decode_base64
from samespace.api.requests.queries import decode_query
from samespace.api.responses.streaming import answer_of
from samespace.api.schemas import embeddings as schemas
from samespace.core.content import of_texts
from samespace.core.errors import InvalidRequest, Unsupported
from samespace.core.types import IMAGE, TEXT, Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.opening import described
from samespace.encoders.presets import PRESETS
from samespace.registry.resolve import spaces_known

# Pictures opened at a time.
_PICTURES = 8

router = APIRouter(prefix="/v1", tags=["embeddings"], responses=PROBLEMS, dependencies=KEYED)


@router.post("/embeddings", response_model=schemas.Embeddings)
def create_embeddings(body: schemas.EmbeddingsBody, here: Reader) -> Response:
    """Vectors of texts and pictures; texts are embedded as passages are."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    _check_inputs(texts, body, here)
    encoder = here.services.encoders.get(described(_space(texts, body, here)))
    if body.dimensions not in {None, encoder.space.dim}:
        raise InvalidRequest(
            f"dimensions is {body.dimensions}, space {encoder.space.name!r} has {encoder.space.dim}"
        )
    prompted = [encoder.space.passage_prompt + text for text in texts]
    tokens = sum(encoder.count_tokens(prompted))
    rows = [*encoder.encode(of_texts(prompted), interactive=True)]
    rows += [row for some in _encode_pictures(body.images, encoder, here) for row in some]
    return answer_of(
        "data",
        (
            {"object": "embedding", "index": index, "embedding": _vector(row, body)}
            for index, row in enumerate(rows)
        ),
        object="list",
        model=body.model or here.services.settings.preset,
        usage={"prompt_tokens": tokens, "total_tokens": tokens},
    )


def _check_inputs(texts: list[str], body: schemas.EmbeddingsBody, here: Context) -> None:
    count, most = len(texts) + len(body.images), here.services.settings.max_files
    if not 1 <= count <= most:
        raise InvalidRequest(f"{count} inputs were given; 1 to {most} are needed")
    if not all(text.strip() for text in texts):
        raise InvalidRequest("an input is an empty text")


def _space(texts: list[str], body: schemas.EmbeddingsBody, here: Context) -> Space:
    """The first space of the model that takes everything given."""
    wanted = {TEXT} if texts else set()
    wanted |= {IMAGE} if body.images else set()
    name = body.model or here.services.settings.preset
    found = [space for space in _spaces(name, here) if wanted <= space.modalities]
    if not found:
        raise Unsupported(
            f"model {name[:80]!r} has no space that takes {' and '.join(sorted(wanted))}"
        )
    return found[0]


def _spaces(name: str, here: Context) -> list[Space]:
    """The spaces a name stands for: a preset's, a model's, one of them, or the only ones of that name.

    Models that no preset, no collection and nobody who added one names are not loaded because a request says so.
    """
    known = _known(here)
    if name in known:
        return list(known[name])
    named = {space for preset, spaces in known.items() for space in _named(name, preset, spaces)}
    if len(named) > 1:
        raise InvalidRequest(f"several presets have a space {name!r}; say <preset>/{name}")
    if not named:
        raise InvalidRequest(
            f"model {name[:80]!r} is not known; known are {', '.join(sorted(known))}"
        )
    return list(named)


def _known(here: Context) -> dict[str, tuple[Space, ...]]:
    """What collections are made with, as it was then; over that what was added, and what the release brings."""
    records, default = here.services.records, here.services.settings.preset
    made = {one.preset: tuple(index.space for index in one.spaces) for one in here.collections()}
    added = {one.name: (one.model.space,) for one in records.registry.all()}
    known = {**made, **PRESETS, **added}
    return known if default in known else {**known, default: spaces_known(default, records)}


def _named(name: str, preset: str, spaces: tuple[Space, ...]) -> Iterator[Space]:
    return (space for space in spaces if name in {space.name, f"{preset}/{space.name}"})


def _encode_pictures(
    images: list[str], encoder: BatchedEncoder, here: Context
) -> Iterator[Vectors]:
    """The rows of some pictures after another: opened they may be large, so that few are held at a time."""
    for start in range(0, len(images), _PICTURES):
        pictures = [
            decode_query(
                decode_base64(image, name),
                name,
                sandbox=here.services.sandbox,
                settings=here.services.settings,
            )
            for number, image in enumerate(images[start : start + _PICTURES], start)
            for name in [f"picture {number}"]
        ]
        yield encoder.encode(pictures, interactive=True)


def _vector(row: Any, body: schemas.EmbeddingsBody) -> list[float] | str:
    if body.encoding_format == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    floats: list[float] = row.tolist()
    return floats
