"""What is measured with: distinct passages and pictures, made from the samples with a seed."""

import io
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).parent.parent / "samples"
_WORDS_PER_PASSAGE = 130
_PASSAGES_PER_DOCUMENT = 25
_SIDES = (640, 480)


def documents(
    passages: int,
    each: int = _PASSAGES_PER_DOCUMENT,
    seed: int = 0,
    words_each: int = _WORDS_PER_PASSAGE,
) -> list[str]:
    """Plain texts of about `each` passages of 800 characters, words drawn from the sample documents."""
    chance = random.Random(seed)
    vocabulary = words()
    return [
        "\n\n".join(" ".join(chance.choices(vocabulary, k=words_each)) + "." for _ in range(each))
        for _ in range(max(1, passages // each))
    ]


def passages(count: int, seed: int = 0) -> list[str]:
    """Texts of about 800 characters, of one passage each."""
    return documents(count, each=1, seed=seed)


def lines(count: int, seed: int = 0) -> list[str]:
    """Distinct texts of 7 to 12 words of the sample documents: titles, captions, messages."""
    chance = random.Random(seed)
    vocabulary = _plain_words()
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(chance.choices(vocabulary, k=chance.randint(7, 12)))] = None
    return list(found)


def question_about(text: str) -> str:
    """Some words from the beginning of a text, as somebody would ask who has a part of it in mind."""
    return " ".join(text.split()[1:7])


def questions(seed: int = 0) -> Iterator[str]:
    """Questions of six words without end, none twice but by chance."""
    chance = random.Random(seed)
    vocabulary = _plain_words()
    while True:
        yield " ".join(chance.choices(vocabulary, k=6))


def varied(text: str, number: int) -> str:
    """The text with the number for its first word and its every tenth word another one: no two numbers alike."""
    some = text.split()
    some[0] = str(number)
    some[10::10] = random.Random(number).choices(_plain_words(), k=len(some[10::10]))
    return " ".join(some)


def pictures(count: int, seed: int = 0) -> Iterator[bytes]:
    """JPEG files of 640 x 480 pixels: crops, mirrors and tints of the sample photographs."""
    chance = random.Random(seed)
    originals = [_open(file) for file in sorted((SAMPLES / "pictures").glob("*.jpg"))]
    for number in range(count):
        picture = originals[number % len(originals)]
        share = chance.uniform(0.5, 0.95)
        width, height = int(picture.width * share), int(picture.height * share)
        left = chance.randint(0, picture.width - width)
        top = chance.randint(0, picture.height - height)
        crop = picture.crop((left, top, left + width, top + height)).resize(_SIDES)
        if chance.random() < 0.5:
            crop = ImageOps.mirror(crop)
        yield _jpeg(ImageOps.posterize(crop, chance.choice((5, 6, 7, 8))))


def words() -> list[str]:
    """The words of the sample documents, as often as they stand there."""
    texts = [file.read_text() for file in sorted((SAMPLES / "documents").glob("*.md"))]
    texts += [
        file.read_text(errors="ignore") for file in sorted((SAMPLES / "documents").glob("*.txt"))
    ]
    return " ".join(texts).split()


@cache
def _plain_words() -> list[str]:
    return [word for word in words() if word.isalnum()]


def _open(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()
