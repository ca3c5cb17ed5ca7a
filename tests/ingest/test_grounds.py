"""What is transparent lies on a ground that shows what is drawn, for the encoders and in the thumbnail alike."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ingest.formats.picture.read import read_picture
from ingest.thumbnail import thumbnails
from samespace.encoders.ground import WHITE, ground_for, laid_on
from tests.ingest import files

DARK, GREY = (24, 24, 24), (128, 128, 128)
_MOST = 10**8


def pixels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(read_picture(data, _MOST))


def disc(fill: str, line: str | None = None, width: int = 6) -> Image.Image:
    image = Image.new("RGBA", (200, 200))
    ImageDraw.Draw(image).ellipse((20, 20, 180, 180), fill=fill, outline=line, width=width)
    return image


def half_and_half() -> Image.Image:
    """A white bar and a black one."""
    image = Image.new("RGBA", (200, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 180, 60), fill="white")
    draw.rectangle((20, 120, 180, 160), fill="black")
    return image


LOGOS = {
    "disc": disc("white"),
    "bars": half_and_half().crop((0, 0, 200, 100)),
    "ring": disc("#00000000", "white"),
}


@pytest.mark.parametrize(
    ("image", "ground"),
    [
        (disc("white"), DARK),
        (disc("#f4f4f0"), DARK),
        (disc("#00000000", "white", 1), DARK),
        (disc("#ffffff60"), DARK),
        (disc("black"), WHITE),
        (disc("red"), WHITE),
        (disc("#b0b0b0"), WHITE),
        (disc("white", "black"), WHITE),
        (half_and_half(), GREY),
        (Image.new("RGBA", (50, 50), (255, 255, 255, 0)), WHITE),
        (Image.new("RGBA", (50, 50), (255, 255, 255, 255)), WHITE),
        (Image.new("RGBA", (1, 1), (255, 255, 255, 128)), WHITE),
        (disc("white").resize((3000, 3000)), DARK),
    ],
    ids=[
        "white",
        "nearly white",
        "a thin line",
        "half transparent white",
        "black",
        "red",
        "light grey",
        "white with a black outline",
        "white and black",
        "nothing",
        "a sheet",
        "a pixel",
        "large",
    ],
)
def test_the_ground_shows_what_is_drawn(image: Image.Image, ground: tuple[int, int, int]) -> None:
    assert ground_for(image) == ground
    data = files.saved(image, "PNG")
    corner = (0, 0) if image.getpixel((0, 0))[3] == 0 else None  # type: ignore[index]
    if corner:
        assert tuple(pixels(data)[corner]) == ground


def test_white_logos_and_a_blank_sheet_are_different_pictures() -> None:
    seen = [pixels(files.saved(logo, "PNG")).tobytes() for logo in LOGOS.values()]
    seen.append(pixels(files.saved(Image.new("RGBA", (200, 200)), "PNG")).tobytes())
    assert len(set(seen)) == 4


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "JPEG2000"])
def test_a_white_logo_is_seen_whatever_it_is_stored_as(kind: str) -> None:
    seen = pixels(files.saved(disc("white"), kind))
    np.testing.assert_allclose(seen[100, 100], (255, 255, 255), atol=6)
    np.testing.assert_allclose(seen[2, 2], DARK, atol=6)


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_grey_and_palette_too(mode: str) -> None:
    image = disc("white").convert(mode) if mode == "LA" else disc("white").quantize(4)
    seen = pixels(files.saved(image, "PNG"))
    assert seen[100, 100].tolist() == [255, 255, 255]
    assert seen[2, 2].tolist() == list(DARK)


def test_the_thumbnail_lies_on_the_same_ground() -> None:
    both = thumbnails(files.saved(disc("white").resize((1000, 1000)), "PNG"), _MOST)
    for webp in (both.small, both.large):
        seen = np.asarray(Image.open(BytesIO(webp)).convert("RGB"))
        np.testing.assert_allclose(seen[2, 2], DARK, atol=6)
        np.testing.assert_allclose(seen[seen.shape[0] // 2, seen.shape[1] // 2], WHITE, atol=6)


def test_what_is_half_transparent_is_mixed_with_its_ground() -> None:
    picture = Image.new("RGBA", (2, 1), (0, 0, 0, 51))
    assert laid_on(picture, (200, 100, 50)).getpixel((1, 0)) == (160, 80, 40)
