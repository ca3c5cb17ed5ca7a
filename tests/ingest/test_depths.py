"""Pixels of more or other than eight bits a colour keep what they show."""

import struct
from collections.abc import Mapping
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from ingest.formats.picture.read import read_picture
from tests.ingest import files


def row(data: bytes) -> list[int]:
    """The red values of the first row."""
    values: list[int] = pixels(data)[0, :, 0].tolist()
    return values


def pixels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(read_picture(data, 10**8))


def tiff(
    values: bytes,
    width: int,
    height: int,
    tags: Mapping[int, tuple[int, ...]],
    *,
    big: bool = False,
) -> bytes:
    """A TIFF of one strip, each tag as shorts."""
    order = ">" if big else "<"
    fields: dict[int, tuple[int, ...]] = {256: (width,), 257: (height,), 259: (1,), 278: (height,)}
    fields |= tags
    fields |= {273: (0,), 279: (len(values),)}
    start = 8
    after = start + len(values)
    rows, extra = b"", b""
    place = after + 2 + 12 * len(fields) + 4
    for tag, numbers in sorted(fields.items()):
        kind, letter = (4, "I") if tag in {273, 279} else (3, "H")
        said = struct.pack(
            f"{order}{len(numbers)}{letter}", *(start if tag == 273 else n for n in numbers)
        )
        if len(said) > 4:
            said, extra = struct.pack(f"{order}I", place + len(extra)), extra + said
        rows += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + said.ljust(4, b"\0")
    mark = b"MM\0*" if big else b"II*\0"
    count = struct.pack(f"{order}H", len(fields))
    return mark + struct.pack(f"{order}I", after) + values + count + rows + bytes(4) + extra


def grey16(values: list[int], *, big: bool = False, **tags: int) -> bytes:
    body = np.array([values] * 2, dtype=">u2" if big else "<u2").tobytes()
    said = {258: (16,), 262: (1,), 277: (1,)} | {
        int(tag[1:]): (value,) for tag, value in tags.items()
    }
    return tiff(body, len(values), 2, said, big=big)


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize(
    ("values", "tags", "shown"),
    [
        ([0, 32896, 65535], {}, [0, 128, 255]),
        ([0, 512, 1023], {}, [0, 128, 255]),
        ([0, 2056, 4095], {}, [0, 128, 255]),
        ([0, 8224, 16383], {}, [0, 128, 255]),
        ([0, 128, 255], {}, [0, 128, 255]),
        ([0, 0, 0], {}, [0, 0, 0]),
        ([0, 512, 1023], {"t341": 4095}, [0, 32, 64]),
        ([0, 512, 1023], {"t281": 1023}, [0, 128, 255]),
        ([0, 2056, 4095], {"t281": 1023}, [0, 128, 255]),
    ],
    ids=["16", "10", "12", "14", "8", "black", "dim of 12", "said", "said wrongly"],
)
def test_grey_in_sixteen_bits_is_scaled_by_its_true_range(
    values: list[int], tags: dict[str, int], shown: list[int], big: bool
) -> None:
    assert row(grey16(values, big=big, **tags)) == shown


def test_where_white_is_zero_it_is_white() -> None:
    assert row(grey16([0, 2056, 4095], t262=0)) == [255, 127, 0]


def test_twelve_packed_bits() -> None:
    # 0x000, 0xfff, 0x808, 0xfff: two values in three bytes
    packed = bytes([0x00, 0x0F, 0xFF, 0x80, 0x8F, 0xFF])
    data = tiff(packed, 4, 1, {258: (12,), 262: (1,), 277: (1,)})
    assert row(data) == [0, 255, 128, 255]


def test_signed_sixteen_bits_are_what_they_span() -> None:
    body = np.array([[-1000, 0, 1000]] * 2, dtype="<i2").tobytes()
    data = tiff(body, 3, 2, {258: (16,), 262: (1,), 277: (1,), 339: (2,)})
    assert row(data) == [0, 128, 255]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 128.0, 255.0], [0, 128, 255]),
        ([0.0, 2056.0, 4095.0], [0, 128, 255]),
        ([0.0, 0.005, 0.01], [0, 128, 255]),
        ([-2.0, 0.0, 2.0], [0, 128, 255]),
        ([float("nan"), 0.5, 1.0], [0, 128, 255]),
        ([0.0, 0.0, 0.0], [0, 0, 0]),
        ([-3.0, -3.0, -3.0], [0, 0, 0]),
    ],
)
def test_floats_are_scaled(values: list[float], shown: list[int]) -> None:
    image = Image.fromarray(np.array([values] * 2, dtype=np.float32))
    assert row(files.saved(image, "TIFF")) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [([0, 2056, 4095], [0, 128, 255]), ([0, 1, 1], [0, 255, 255]), ([0, 0, 10**6], [0, 0, 255])],
)
def test_thirty_two_bits_are_scaled(values: list[int], shown: list[int]) -> None:
    image = Image.fromarray(np.array([values] * 2, dtype=np.int32))
    assert row(files.saved(image, "TIFF")) == shown


def colours16(values: list[int], alpha: int | None = None) -> bytes:
    samples = 3 if alpha is None else 4
    body = np.repeat(np.array([values] * 2, dtype="<u2")[..., None], samples, 2)
    if alpha is not None:
        body[..., 3] = alpha
    tags = {258: (16,) * samples, 262: (2,), 277: (samples,)}
    if alpha is not None:
        tags[338] = (2,)
    return tiff(body.tobytes(), len(values), 2, tags)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0, 32896, 65535], [0, 128, 255]),
        ([0, 8224, 16383], [0, 130, 255]),
        ([0, 2056, 4095], [0, 136, 255]),
        ([0, 512, 1023], [0, 170, 255]),
    ],
    ids=["16", "14", "12", "10"],
)
def test_colours_in_sixteen_bits_are_not_black(values: list[int], shown: list[int]) -> None:
    """Of 12 bits Pillow keeps the upper four: coarse, but seen."""
    assert row(colours16(values)) == shown
    assert row(colours16(values, alpha=65535)) == shown


def test_a_png_of_sixteen_bits_a_colour() -> None:
    ramp = Image.fromarray(np.array([[0, 32896, 65535]] * 2, dtype=np.uint16))
    assert row(files.saved(ramp, "PNG")) == [0, 128, 255]
    assert row(png16([0, 32896, 65535])) == [0, 128, 255]


def png16(values: list[int]) -> bytes:
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        sum32 = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum32

    line = b"\0" + np.repeat(np.array(values, dtype=">u2"), 3).tobytes()
    header = struct.pack(">IIBBBBB", len(values), 1, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(line)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_grey_with_premultiplied_alpha() -> None:
    body = bytes([0, 255, 64, 128, 0, 0])
    data = tiff(body, 3, 1, {258: (8, 8), 262: (1,), 277: (2,), 338: (1,)})
    assert Image.open(BytesIO(data)).mode == "La"
    # black; a half of grey 128 on white; nothing
    assert row(data) == [0, 191, 255]


def test_colours_with_premultiplied_alpha() -> None:
    body = bytes([0, 0, 0, 255, 64, 64, 64, 128, 0, 0, 0, 0])
    data = tiff(body, 3, 1, {258: (8,) * 4, 262: (2,), 277: (4,), 338: (1,)})
    assert row(data) == [0, 191, 255]


@pytest.mark.parametrize(
    ("mode", "colour", "shown"),
    [
        ("1", 1, (255, 255, 255)),
        ("1", 0, (0, 0, 0)),
        ("L", 128, (128, 128, 128)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("CMYK", (0, 0, 0, 255), (0, 0, 0)),
        ("YCbCr", (76, 85, 255), (254, 0, 0)),
        ("LAB", (255, 128, 128), (255, 255, 255)),
        ("LAB", (0, 128, 128), (0, 0, 0)),
    ],
)
def test_other_colours_become_rgb(
    mode: str, colour: int | tuple[int, ...], shown: tuple[int, ...]
) -> None:
    data = files.saved(Image.new(mode, (16, 16), colour), "TIFF")
    np.testing.assert_allclose(pixels(data)[8, 8], shown, atol=2)


def test_jpeg_2000_of_sixteen_bits() -> None:
    ramp = Image.fromarray(np.repeat(np.array([[0, 32896, 65535]], dtype=np.uint16), 40, 0))
    seen = row(files.saved(ramp.resize((60, 40), Image.Resampling.NEAREST), "JPEG2000"))
    assert [seen[5], seen[30], seen[55]] == [0, 128, 255]


def test_a_deep_picture_is_turned_as_it_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    ramp = Image.fromarray(np.array([[0, 65535]], dtype=np.uint16))
    assert pixels(files.saved(ramp, "PNG", exif=exif))[:, 0, 0].tolist() == [0, 255]
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[274] = 6
    assert pixels(files.saved(ramp, "TIFF", tiffinfo=tags))[:, 0, 0].tolist() == [0, 255]
