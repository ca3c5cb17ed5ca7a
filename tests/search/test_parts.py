"""Every query that makes no sense is refused, and the message says what and why."""

import math
from pathlib import Path

import pytest
from PIL import Image

from samespace.core.content import of_images
from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT
from search.parts import ContentPart, ItemPart, Part, Query, TextPart, check_query, parse_modalities

SETTINGS = Settings(data=Path("unused"))
CAR = TextPart("car")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(()), "no parts"),
        (Query((TextPart(""),)), "part 1 of the query is an empty text"),
        (Query((CAR, TextPart(" \n"))), "part 2 of the query is an empty text"),
        (Query((TextPart("x" * 10_001),)), "10001 characters, the limit is 10000"),
        (Query((TextPart("car", 0.0), TextPart("bus", 0.0))), "weight 0"),
        (Query((TextPart("car", math.nan),)), "weight nan"),
        (Query((TextPart("car", math.inf),)), "weight inf"),
        (Query((TextPart("car", -1e9),)), "from -1000 to 1000"),
        (Query((CAR,) * 17), "17 parts, the limit is 16"),
        (Query((ItemPart(""),)), "names no item"),
        (Query((CAR,), limit=0), "limit is 0; it has to be 1 to 200"),
        (Query((CAR,), limit=-5), "limit is -5"),
        (Query((CAR,), limit=1_000_000), "limit is 1000000"),
        (Query((CAR,), offset=-1), "offset is -1"),
        (Query((CAR,), offset=200), "offset is 200; it has to be 0 to 199"),
        (Query((CAR,), modalities=frozenset()), "no modality"),
    ],
)
def test_nonsense_is_refused(query: Query, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_query(query, SETTINGS)


@pytest.mark.parametrize(
    "parts",
    [
        (CAR,),
        (TextPart("car", -1.0),),
        (TextPart("car", 0.0), ItemPart("k")),
        (ContentPart(of_images([Image.new("RGB", (1, 1))])[0], 1000.0),),
        (CAR,) * 16,
    ],
)
def test_sense_is_not(parts: tuple[Part, ...]) -> None:
    check_query(Query(parts, limit=200, offset=199), SETTINGS)


def test_modalities_by_name() -> None:
    assert parse_modalities(["text", "image", "text"]) == {TEXT, IMAGE}
    assert parse_modalities(["image"]) == {IMAGE}
    with pytest.raises(InvalidRequest, match="'audio' is not known; known are image, text"):
        parse_modalities(["text", "audio"])
    with pytest.raises(InvalidRequest, match="no modality"):
        parse_modalities([])
