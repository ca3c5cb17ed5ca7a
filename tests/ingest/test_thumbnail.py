"""Thumbnails of every kind of picture: two sizes, upright, and nothing but the pixels."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from ingest.thumbnail import Thumbnails, thumbnails
from samespace.core.errors import Unreadable
from tests.ingest import files

_MOST = 10**8
_GPS = 0x8825


def sizes(both: Thumbnails) -> list[tuple[int, int]]:
    return [opened(webp).size for webp in (both.small, both.large)]


def opened(webp: bytes) -> Image.Image:
    image = Image.open(BytesIO(webp))
    assert image.format == "WEBP"
    return image


def colour(both: Thumbnails) -> list[list[int]]:
    """Of the pixel in the middle, in both sizes."""
    pictures = [np.asarray(opened(webp).convert("RGB")) for webp in (both.small, both.large)]
    return [rgb[rgb.shape[0] // 2, rgb.shape[1] // 2].tolist() for rgb in pictures]


@pytest.mark.parametrize("kind", files.TYPES)
def test_every_kind_of_picture_has_both(kind: str) -> None:
    both = thumbnails(files.red_picture(kind, 1600, 1200), _MOST)
    assert sizes(both) == [(320, 240), (1280, 960)]
    np.testing.assert_allclose(colour(both), [files.RED] * 2, atol=6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("size", "small", "large"),
    [
        ((2600, 1000), (320, 123), (1280, 492)),
        ((1000, 5200), (62, 320), (246, 1280)),
        ((640, 480), (320, 240), (640, 480)),
        ((20, 10), (20, 10), (20, 10)),
        ((3000, 1), (320, 1), (1280, 1)),
    ],
)
def test_they_fit_and_are_not_blown_up(
    kind: str, size: tuple[int, int], small: tuple[int, int], large: tuple[int, int]
) -> None:
    both = thumbnails(files.saved(Image.new("RGB", size), kind), _MOST)
    assert sizes(both) == [small, large]


def test_a_picture_smaller_than_both_is_written_once() -> None:
    both = thumbnails(files.red_picture("PNG", 320, 200), _MOST)
    assert both.small is both.large


def test_they_are_upright() -> None:
    both = thumbnails(files.turned_jpeg(), _MOST)
    assert sizes(both) == [(40, 60)] * 2
    upright = np.asarray(opened(both.small))
    assert upright[10, 20].max() < 40
    assert upright[50, 20].min() > 215


def test_of_what_moves_they_show_the_first_frame() -> None:
    frames = [Image.new("RGB", (400, 400), name) for name in ("red", "blue")]
    data = files.saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    both = thumbnails(data, _MOST)
    assert not getattr(opened(both.small), "is_animated", False)
    np.testing.assert_allclose(colour(both), [(255, 0, 0)] * 2, atol=6)


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (400, 400), (10, 20, 30, 0))
    assert colour(thumbnails(files.saved(clear, "PNG"), _MOST)) == [[255, 255, 255]] * 2


def test_sixteen_bits_are_scaled() -> None:
    grey = Image.fromarray(np.full((400, 400), 32896, np.uint16))
    both = thumbnails(files.saved(grey, "TIFF"), _MOST)
    np.testing.assert_allclose(colour(both), [(128, 128, 128)] * 2, atol=3)


def test_where_it_was_taken_stays_behind_and_its_colours_do_not() -> None:
    exif = Image.Exif()
    exif.get_ifd(_GPS)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = files.saved(files.noise(400, 300), "JPEG", exif=exif, icc_profile=profile, xmp=b"<x/>")
    assert dict(Image.open(BytesIO(photo)).getexif().get_ifd(_GPS))
    for webp in (thumbnails(photo, _MOST).small, thumbnails(photo, _MOST).large):
        assert opened(webp).info.keys() & {"exif", "xmp", "icc_profile"} == {"icc_profile"}


def test_a_profile_of_other_colours_is_not_kept() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[16:20] = b"CMYK"
    data = files.saved(Image.new("CMYK", (16, 16)), "JPEG", icc_profile=bytes(profile))
    assert "icc_profile" not in opened(thumbnails(data, _MOST).large).info


def test_what_is_damaged_or_too_large_has_none() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        thumbnails(files.truncated_jpeg(), _MOST)
    with pytest.raises(Unreadable, match="more than the limit of 100"):
        thumbnails(files.red_picture("PNG"), 100)
