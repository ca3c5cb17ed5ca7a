"""Contents of several modalities are encoded in one call each and come back in order."""

from collections.abc import Sequence

import numpy as np
import pytest

from samespace.core.content import Content, text_hash
from samespace.core.errors import Unsupported
from samespace.core.types import IMAGE, TEXT, Space, Vectors
from samespace.encoders.contents import as_passage, as_query, encode_by

SPACE = Space(
    "s", "test", "none", 2, frozenset({TEXT, IMAGE}), 77, query_prompt="q ", passage_prompt="p: "
)


def lengths(contents: Sequence[Content]) -> Vectors:
    """A text by its length."""
    return np.array([(len(each.text), 0) for each in contents], np.float32)


def reds(contents: Sequence[Content]) -> Vectors:
    """A picture by its red."""
    return np.array([(0, each.pixels[0, 0, 0]) for each in contents], np.float32)


def picture(red: int) -> Content:
    return Content.of_picture(text_hash(f"{red}"), np.full((4, 6, 3), red, np.uint8))


def test_order_is_kept_across_modalities() -> None:
    ways = {TEXT: lengths, IMAGE: reds}
    contents = [picture(7), Content.of_text("ab"), picture(9), Content.of_text("abcd")]
    rows = encode_by(ways, contents, SPACE)
    assert rows.tolist() == [[0, 7], [2, 0], [0, 9], [4, 0]]
    assert encode_by(ways, contents[:1], SPACE).tolist() == [[0, 7]]
    assert encode_by(ways, [], SPACE).shape == (0, 2)


def test_a_modality_without_a_way_is_refused() -> None:
    with pytest.raises(Unsupported, match=r"space s \(none\) takes no image"):
        encode_by({TEXT: lengths}, [Content.of_text("ab"), picture(7)], SPACE)


def test_prompts_stand_before_texts_alone() -> None:
    text, drawn = Content.of_text("ab"), picture(7)
    assert as_passage(text, SPACE).text == "p: ab"
    assert as_query(text, SPACE).text == "q ab"
    assert as_query(drawn, SPACE) is drawn
