"""Files of several pictures: every page of a TIFF is read or named, and of what moves the first frame."""

from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from ingest import held
from ingest.formats.picture.read import read_picture
from ingest.formats.words import pages_named
from ingest.open_document import said
from ingest.parse import Limits, Parsed, ParseJob, ReadJob, parse
from ingest.parsed import Read
from ingest.thumbnail import thumbnails
from samespace.core.errors import Unreadable
from tests.ingest import files
from tests.ingest.files import LIMITS

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255))
TIFF = "image/tiff"


def tiff(count: int = 3, *, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    pages = [Image.new("RGB", size, colour) for colour in COLOURS[:count]]
    return files.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], **options)


def kinds(*kinds: int) -> bytes:
    """A TIFF with frames of these NewSubfileTypes."""
    out = BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as into:
        for kind, colour in zip(kinds, COLOURS, strict=False):
            Image.new("RGB", (60, 40), colour).save(into, "TIFF", tiffinfo={254: kind})
            into.newFrame()
    return out.getvalue()


def read(data: bytes, limits: Limits = LIMITS, name: str = "scan.tif") -> Parsed:
    return parse(data, name, TIFF, limits)


def again(data: bytes, wanted: tuple[int, ...]) -> Read:
    """These contents, counted from 0, of a document that is opened again for them."""
    job = ParseJob("scan.tif", TIFF, data, LIMITS, key="again")
    held.let_go()
    return ReadJob("scan.tif", "again", wanted, job).run()


def shown(parsed: Parsed) -> list[tuple[int | None, tuple[int, ...]]]:
    return [(picture.page, tuple(picture.pixels[5, 5].tolist())) for picture in parsed.pictures]


def test_each_page_of_a_tiff_is_a_picture_with_its_number() -> None:
    data = tiff()
    parsed = read(data)
    assert shown(parsed) == [(1, COLOURS[0]), (2, COLOURS[1]), (3, COLOURS[2])]
    whole = sha256(data).hexdigest()
    assert [picture.content_hash for picture in parsed.pictures] == [
        sha256(f"{whole}:{page}".encode()).hexdigest() for page in (1, 2, 3)
    ]
    assert parsed.warnings == ()


def test_a_tiff_of_one_page_is_a_picture_without_a_number() -> None:
    data = tiff(1)
    parsed = read(data)
    assert shown(parsed) == [(None, COLOURS[0])]
    assert parsed.pictures[0].content_hash == sha256(data).hexdigest()


def test_smaller_copies_and_masks_are_no_pages() -> None:
    assert shown(read(kinds(0, 1, 4, 2, 0))) == [(1, COLOURS[0]), (2, COLOURS[3]), (3, COLOURS[4])]
    assert shown(read(kinds(0, 1, 5))) == [(None, COLOURS[0])]
    assert shown(read(kinds(1, 0))) == [(None, COLOURS[1])]


def test_pages_past_the_limit_are_named_as_lost() -> None:
    parsed = read(tiff(), Limits(10**8, 2, 10**6))
    assert shown(parsed) == [(1, COLOURS[0]), (2, COLOURS[1])]
    assert parsed.warnings == ("scan.tif: only its first 2 pages were read, the limit",)


def test_many_pages_wait_for_their_turn() -> None:
    limits = Limits(10**8, 100, 10**6, pages_at_once=2)
    data = tiff(5)
    parsed = read(data, limits)
    assert [picture.page for picture in parsed.pictures] == [1, 2]
    assert parsed.more_pages == (3, 4, 5)
    read_on = again(data, (2, 4))
    assert [tuple(each[5, 5].tolist()) for each in read_on.decoded] == [COLOURS[2], COLOURS[4]]
    assert (read_on.at, read_on.is_held) == ((2, 4), True)


def test_large_pages_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.open_document._PIXELS_AT_ONCE", 60 * 40 * 2 + 1)
    assert read(tiff(5)).more_pages == (3, 4, 5)
    monkeypatch.setattr("ingest.open_document._PIXELS_AT_ONCE", 1)
    assert read(tiff(5)).more_pages == (2, 3, 4, 5)


def damaged(page: int, count: int = 3) -> bytes:
    """A TIFF whose page (counted from 1) has pixels that cannot be decoded."""
    data = bytearray(tiff(count, compression="tiff_adobe_deflate"))
    image = Image.open(BytesIO(bytes(data)))
    image.seek(page - 1)
    start = image.tag_v2[273][0]  # type: ignore[attr-defined]
    data[start : start + 8] = b"\xff" * 8
    return bytes(data)


def test_one_bad_page_leaves_the_others() -> None:
    parsed = read(damaged(2))
    assert shown(parsed) == [(1, COLOURS[0]), (3, COLOURS[2])]
    assert parsed.warnings == (
        "scan.tif: page 2 cannot be read: it is damaged: its pixels cannot be decoded",
    )


def test_a_bad_page_among_those_that_wait_is_named() -> None:
    data = damaged(4, 5)
    read_on = again(data, (2, 3, 4))
    assert read_on.at == (2, 4)
    (warning,) = said("scan.tif", read_on.faults)
    assert warning.startswith("scan.tif: page 4 cannot be read: ")


def test_a_page_of_too_many_pixels_is_named() -> None:
    pages = [Image.new("RGB", size, "red") for size in ((20, 10), (40, 30), (20, 10), (50, 30))]
    data = files.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    parsed = read(data, Limits(1000, 100, 10**6))
    assert [picture.page for picture in parsed.pictures] == [1, 3]
    assert parsed.warnings == (
        "scan.tif: page 2 cannot be read: it has 40 x 30 = 1200 pixels, more than the limit of 1000",
        "scan.tif: page 4 cannot be read: it has 50 x 30 = 1500 pixels, more than the limit of 1000",
    )


def test_a_tiff_without_one_good_page_is_refused() -> None:
    data = bytearray(tiff(2, compression="tiff_adobe_deflate"))
    for page in (1, 2):
        image = Image.open(BytesIO(tiff(2, compression="tiff_adobe_deflate")))
        image.seek(page - 1)
        start = image.tag_v2[273][0]  # type: ignore[attr-defined]
        data[start : start + 8] = b"\xff" * 8
    with pytest.raises(Unreadable, match=r"^scan.tif is damaged: none of its 2 pages can be"):
        read(bytes(data))


def test_where_the_chain_of_pages_is_broken_the_rest_is_named_as_lost() -> None:
    data = tiff()
    whole = Image.open(BytesIO(data))
    whole.seek(2)
    third = whole._frame_pos[2]  # type: ignore[attr-defined]
    place = data.index(third.to_bytes(4, "little"))
    broken = data[:place] + (len(data) + 4000).to_bytes(4, "little") + data[place + 4 :]
    parsed = read(broken)
    assert shown(parsed) == [(1, COLOURS[0]), (2, COLOURS[1])]
    assert parsed.warnings == (
        "scan.tif: what follows page 2 cannot be found: the file is damaged",
    )


def test_the_thumbnail_is_of_the_first_page_that_can_be_read() -> None:
    both = thumbnails(damaged(1), 10**8)
    np.testing.assert_allclose(
        np.asarray(Image.open(BytesIO(both.small)).convert("RGB"))[5, 5], COLOURS[1], atol=8
    )
    assert tuple(np.asarray(read_picture(kinds(1, 0), 10**8))[5, 5]) == COLOURS[1]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("GIF", "image/gif"), ("WEBP", "image/webp"), ("PNG", "image/png"), ("AVIF", "image/avif")],
)
def test_of_what_moves_the_first_frame_is_read_and_that_is_said(kind: str, media_type: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in COLOURS[:3]]
    data = files.saved(frames[0], kind, save_all=True, append_images=frames[1:])
    parsed = parse(data, "cat", media_type, LIMITS)
    np.testing.assert_allclose(parsed.pictures[0].pixels[5, 5], COLOURS[0], atol=8)
    assert parsed.pictures[0].content_hash == sha256(data).hexdigest()
    assert parsed.warnings == ("cat: it moves: frame 1 of 3 was read",)


def test_a_damaged_later_frame_takes_nothing_from_the_first() -> None:
    data = moving_gif()
    second = data.index(b"\x21\xf9", data.index(b"\x2c"))
    cut = parse(data[: second + 5] + b"\x99" * 40, "cat.gif", "image/gif", LIMITS)
    assert tuple(cut.pictures[0].pixels[5, 5]) == COLOURS[0]


def moving_gif() -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in COLOURS[:3]]
    return files.saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def test_of_several_pictures_in_a_heic_it_is_said_that_one_was_read() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in COLOURS[:2]]
    data = files.saved(frames[0], "HEIF", save_all=True, append_images=frames[1:])
    parsed = parse(data, "burst.heic", "image/heic", LIMITS)
    assert parsed.warnings == ("burst.heic: 1 of the 2 pictures that it holds was read",)


@pytest.mark.parametrize("kind", files.TYPES)
def test_of_what_stands_still_nothing_is_said(kind: str) -> None:
    assert parse(files.red_picture(kind), "cat", files.TYPES[kind], LIMITS).warnings == ()


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "page 3"),
        ([3, 4], "pages 3 to 4"),
        ([1, 4, 5, 6, 9], "pages 1, 4 to 6 and 9"),
        ([9, 1], "pages 1 and 9"),
        (range(1, 30, 2), "15 pages, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and more,"),
    ],
)
def test_pages_are_named(numbers: list[int], words: str) -> None:
    assert pages_named(numbers) == words
