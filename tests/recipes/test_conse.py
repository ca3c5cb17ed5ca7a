"""The teacher: ConSE over EfficientNet-Lite0 and the ImageNet class names."""

import numpy as np
import open_clip
import pytest
from PIL import Image

from recipes.starter import conse
from samespace.core.content import of_texts
from samespace.encoders import sentences, starter
from samespace.encoders.device import Compute
from samespace.encoders.presets import STARTER
from samespace.encoders.rows import unit_rows
from samespace.learn import imagenet
from tests.encoders.golden import photographs

CPU = Compute("cpu", "float32")


@pytest.fixture(scope="module")
def texts() -> sentences.SentenceEncoder:
    return sentences.load(STARTER, CPU, starter.text_folder())


def test_words_find_their_photograph(texts: sentences.SentenceEncoder) -> None:
    rows = conse.teacher().encode(photographs()[:2])
    words = texts.encode(of_texts(["a palace in Asia", "a daisy flower"]))
    assert (words @ rows.T).argmax(axis=1).tolist() == [0, 1]


def test_batch_size_never_changes_a_picture() -> None:
    teacher, pictures = conse.teacher(), photographs()
    alone = np.concatenate([teacher.encode([picture]) for picture in pictures])
    np.testing.assert_allclose(teacher.encode(pictures), alone, atol=1e-5)


def test_nothing_in_nothing_out() -> None:
    assert conse.teacher().encode([]).shape == (0, 384)
    assert conse.teacher().encode([Image.new("RGB", (3000, 1))]).shape == (1, 384)


def test_shipped_class_names_are_the_encoders_own(texts: sentences.SentenceEncoder) -> None:
    some = slice(0, 1000, 50)
    prompts = [
        [template.format(name) for name in open_clip.IMAGENET_CLASSNAMES[some]]
        for template in conse.NAME_TEMPLATES
    ]
    made = unit_rows(np.sum([texts.encode(of_texts(each)) for each in prompts], axis=0), 384)
    np.testing.assert_allclose(imagenet.class_names()[some], made, atol=1e-3)
