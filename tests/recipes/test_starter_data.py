"""The starter's training data: what is said of a drawing, what is held back, what is let in."""

import io
import json
import os
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from recipes.starter import captions, clipart, drawings, emoji, packages, splits
from recipes.starter.clipart import Sheet
from recipes.starter.drawings import Drawing
from samespace.core.errors import Unavailable
from samespace.encoders.weights import sha256_of

ROLLANDIN = "Architetto Francesco Rollandin"
BUCULEI = "Nicu Buculei"


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        (
            Sheet("animals/bugs/lumaca_turbo_architetto__01.png", "Lumaca turbo", ROLLANDIN),
            "fast snail",
        ),
        (Sheet("animals/bugs/ladybug_02.png", "ladybug", "vance"), "ladybug"),
        (Sheet("animals/bugs/x_01.png", "Coccinella Rollandin", ROLLANDIN), "ladybug"),
        (Sheet("animals/big_cats/tigre04_archit_01.png", "Tigre04", ROLLANDIN), "tiger"),
        (Sheet("food/fruit/pear.png", "Clipart by Nicu Buculei - apple", BUCULEI), "pear"),
        (Sheet("food/fruit/pear_simple.png", "R16 sibmission", "Gerald G."), "simple pear"),
        (Sheet("people/head_nicu_bucule_01.png", "", BUCULEI), "head"),
        (Sheet("food/lasagna_bw.png", "Lasagna (B and W)", "Gerald G."), "lasagna"),
        (Sheet("food/croissant.png", "Croissant (B &amp; W)", "Gerald G."), "croissant"),
        (Sheet("desserts/g.png", "Gelato all&#39;italiana", ROLLANDIN), "Italian ice cream"),
        (Sheet("animals/contour_fox.png", "Clipart by Nicu Buculei", BUCULEI), "fox silhouette"),
        (Sheet("signs_and_symbols/map_symbols/aiga_bar1.png", "AIGA_Symbol_Signs"), "bar sign"),
        (Sheet("signs_and_symbols/flags/africa/mali.png", "Mali"), "flag of Mali"),
        (Sheet("people/xx.png", ROLLANDIN, ROLLANDIN), ""),
        (Sheet("computer/icons/70a001.png", "", "someone"), "a"),
    ],
)
def test_a_clip_art_name_is_what_one_would_say(sheet: Sheet, name: str) -> None:
    assert clipart.name_of(sheet) == name


def test_pictures_that_say_nothing_are_left_out_and_the_others_get_their_folder() -> None:
    sheets = [
        Sheet("animals/birds/cigno_01.png", "Cigno", ROLLANDIN, ("bird", "water")),
        Sheet("animals/birds/swan_02.png", "Swan", "", ("water",)),
        Sheet("animals/birds/zzqx_01.png", "zzqx", "someone"),
        Sheet("computer/icons/70a001.png", "", "someone"),
    ]
    told = dict(clipart.described(sheets, frozenset({"swan", "bird", "water"})))
    assert list(told.values()) == [("swan", "swan, bird", "water")] * 2


def test_a_title_that_no_file_name_bears_out_is_that_of_a_collection() -> None:
    theme = [Sheet(f"computer/{name}.png", "Lemon theme") for name in ("pen", "disk", "clock")]
    horses = [Sheet(f"animals/horse_{number}.png", "Horses") for number in range(3)]
    assert clipart.collective_titles([*theme, *horses]) == {"Lemon theme"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("flag: Germany", "flag of Germany"),
        ("woman: blond hair", "woman, blond hair"),
        ("two-thirty", "clock showing two thirty"),
        ("Japanese “free of charge” button", "Japanese free of charge button"),
        ("thumbs up", "thumbs up"),
    ],
)
def test_an_emoji_name_is_what_one_would_say(label: str, name: str) -> None:
    assert emoji.natural_name(label) == name


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("cherries", "cherry"),
        ("leaves", "leaf"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("bus", "bus"),
    ],
)
def test_singular(many: str, one: str) -> None:
    assert captions.singular(many) == one


def test_captions_that_are_the_same_words_are_said_once() -> None:
    said = ["red apple", "apple, red", "apples", "apple", "fruit"]
    assert captions.distinct(said, most=3) == ("red apple", "apples", "fruit")


NAMES = (
    "cat", "grinning cat", "cat with tears of joy", "horse", "horse face", "rabbit", "red apple",
    "snail", "tiger", "wolf", "owl", "pizza", "rocket", "anchor", "violin", "lemon", "cactus",
    "flag of Chad", "man cook", "cook",
)  # fmt: skip


def _all_drawings() -> list[Drawing]:
    sources = ("noto", "twemoji", "fluent-3d", "fluent-flat", "fluent-modern")
    drawn = [
        Drawing(Path(f"{source}/{name}"), (name, f"drawn {name}", "beast"), name, source)
        for source in sources
        for name in NAMES
    ]
    clip_art = [
        Drawing(Path(f"{folder}/{name}{at}"), (name,), name, "openclipart", folder)
        for folder in ("animals", "food", "tools", "toys", "music", "plants")
        for at, name in enumerate((*NAMES[:17], "hammer", "saw"))
    ]
    return [*drawn, *clip_art]


def _held(drawn: Sequence[Drawing]) -> splits.Held:
    few = splits.Sizes(concepts=4, validation=3, folders=0.2, folders_validation=0.1)
    return splits.held_back(drawn, few)


def test_no_held_back_word_folder_or_vendor_trains() -> None:
    drawn = _all_drawings()
    held = _held(drawn)
    rows = splits.assigned(drawn, held)
    assert {split for _, split in rows} == {splits.TRAIN, splits.VALIDATION, *splits.JUDGED}
    trained = [drawing for drawing, split in rows if split == splits.TRAIN]
    said = {
        word for drawing in trained for each in drawing.captions for word in captions.stems(each)
    }
    assert not said & held.words.keys()
    assert not {drawing.folder for drawing in trained} & held.folders.keys()
    assert "twemoji" not in {drawing.source for drawing in trained}


def test_all_of_a_family_is_held_back_together() -> None:
    drawn = _all_drawings()
    held = splits.Held({"cat": splits.CONCEPTS}, {})
    of_cats = {s for d, s in splits.assigned(drawn, held) if "cat" in d.captions[0].split()}
    assert of_cats == {splits.CONCEPTS}


def test_the_gendered_doubles_of_a_held_back_emoji_do_not_train() -> None:
    named = (("1f9dc", "merperson"), ("1f9dc-200d-2640-fe0f", "mermaid"), ("1f9db", "vampire"))
    drawn = [Drawing(Path(f"noto/{code}.png"), (name,), name, "noto") for code, name in named]
    rows = splits.assigned(drawn, splits.Held({"mermaid": splits.CONCEPTS}, {}))
    placed = {drawing.concept: split for drawing, split in rows}
    assert placed == {"mermaid": splits.CONCEPTS, "vampire": splits.TRAIN}


def test_style_judges_only_what_was_seen_in_other_styles() -> None:
    drawn = _all_drawings()
    rows = splits.assigned(drawn, _held(drawn))
    trained = {drawing.concept for drawing, split in rows if split == splits.TRAIN}
    assert {drawing.concept for drawing, split in rows if split == splits.STYLE} <= trained


def test_splits_do_not_depend_on_the_order_of_the_drawings() -> None:
    drawn = _all_drawings()
    backwards = drawn[::-1]
    one = {(d.file, split) for d, split in splits.assigned(drawn, _held(drawn))}
    two = {(d.file, split) for d, split in splits.assigned(backwards, _held(backwards))}
    assert one == two


def _archive(file: Path) -> packages.Package:
    with tarfile.open(file, "w:gz") as tar:
        for name in ("package/assets/a.txt", "package/other/b.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = 2
            tar.addfile(entry, io.BytesIO(b"hi"))
    pinned = sha256_of(file)
    return replace(packages.FLUENT_3D, sha256=pinned)


def test_what_is_kept_of_an_archive_in_the_cache_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "archives").mkdir()
    package = _archive(tmp_path / "archives" / f"{packages.FLUENT_3D.slug}.tgz")
    packages.fetch(tmp_path, (package,))
    found = [p.name for p in packages.unpacked(tmp_path, package).rglob("*") if p.is_file()]
    assert found == ["a.txt"]


def test_a_changed_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archives").mkdir()
    file = tmp_path / "archives" / f"{packages.FLUENT_3D.slug}.tgz"
    package = _archive(file)
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(Unavailable, match=package.sha256):
        packages.fetch(tmp_path, (package,))
    assert not packages.unpacked(tmp_path, package).exists()


@pytest.mark.parametrize(("package", "tool"), [(packages.NOTO, "npm"), (packages.TANGO, "apt-get")])
def test_a_missing_tool_is_named(
    package: packages.Package, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=f"{tool} is not installed"):
        packages.fetch(tmp_path, (package,))


def test_a_download_that_fails_says_what_the_tool_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "npm"
    tool.write_text("#!/bin/sh\necho no such package >&2\nexit 3\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    with pytest.raises(Unavailable, match="exit 3: no such package"):
        packages.fetch(tmp_path, (packages.NOTO,))


def test_a_small_drawing_on_a_page_fills_its_picture(tmp_path: Path) -> None:
    page = Image.new("RGBA", (800, 1100))
    ImageDraw.Draw(page).ellipse((100, 100, 700, 400), fill="red")
    page.save(tmp_path / "page.png")
    drawing = Drawing(tmp_path / "page.png", ("disc",), "disc", "openclipart", "shapes")
    assert drawings.settle(drawing, tmp_path / "out" / "page.png")
    with Image.open(tmp_path / "out" / "page.png") as made:
        assert made.size == (256, 128)
        assert made.mode == "RGBA"


def test_blank_and_unreadable_pictures_are_left_out(tmp_path: Path) -> None:
    Image.new("RGBA", (300, 300), "white").save(tmp_path / "white.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no more")
    for name in ("white", "broken", "missing"):
        drawing = Drawing(tmp_path / f"{name}.png", (name,), name, "openclipart", "shapes")
        assert not drawings.settle(drawing, tmp_path / "out" / f"{name}.png")


def test_an_svg_is_drawn_with_its_transparency(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="the extra [train] is not installed")
    shape = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3"/></svg>'
    (tmp_path / "disc.svg").write_text(shape)
    drawing = Drawing(tmp_path / "disc.svg", ("disc",), "disc", "tango")
    assert drawings.settle(drawing, tmp_path / "disc.png")
    with Image.open(tmp_path / "disc.png") as made:
        assert made.size == (256, 256)
        assert made.getchannel("A").getextrema() == (0, 255)


def test_the_same_picture_a_little_changed_keeps_its_hash() -> None:
    picture = Image.new("RGBA", (200, 200), "white")
    ImageDraw.Draw(picture).polygon([(20, 180), (100, 20), (180, 180)], fill="blue")
    other = picture.resize((150, 150)).rotate(90)
    one, same, turned = map(drawings.difference_hash, (picture, picture.resize((90, 90)), other))
    assert (one ^ same).bit_count() <= 4
    assert (one ^ turned).bit_count() > 12


def test_every_package_is_pinned_and_free() -> None:
    for package in packages.PACKAGES:
        assert len(package.sha256) == 64
        assert package.name in packages.licence_table()
        assert package.licence in ("Apache-2.0", "CC-BY-4.0", "MIT", "public domain")
    assert json.dumps(packages.licence_table()).count("|") > 40
