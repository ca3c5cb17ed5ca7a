"""Clip art of the Open Clip Art Library and what its titles, file names and keywords say it shows."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from recipes.starter import captions as cleaning
from recipes.starter import packages
from recipes.starter.drawings import Drawing

TITLES_FILE = "clipart_titles.tsv"  # cleaned title, tab, what it means in English; "-" says nothing
PER_CONCEPT = 14  # hundreds of the same ("stick man") would outweigh everything else
PER_FOLDER = {
    "signs_and_symbols/led": 6,
    "signs_and_symbols/flags": 60,
    "geography": 40,
    "shapes/jigsaw": 9,
    "shapes/arrows": 20,
    "special/patterns": 24,
    "computer/buttons": 24,
    "tools/weapons": 20,
}
KEYWORDS = 2  # at most, per picture
CARRIED_BY_MOST = 60  # a keyword of more pictures than that names a subject, not a thing
SHARED_TITLE = 3  # pictures with one title that their file names do not bear out

# In samples/ too, by way of Tux Paint; those pictures must stay unseen.
IN_SAMPLES = frozenset({"animals/bugs/ladybug_01.png", "food/desserts/birthday_cake.png"})
# Thousands of computed stars and gradients, playing cards, and toolbar signs without a plain word.
SKIPPED = re.compile(
    r"shapes/(stars|flowchart)|special/gradients|recreation/games/cards|computer/diagrams"
    r"|computer/icons/(flat-theme/action|lemon-theme/(actions|mimetypes)|etiquette-theme/stock)"
    r"|signs_and_symbols/flags/semaphore|unsorted/duplicates|transportation/aiga-symbols"
)
# What a folder's pictures are, for a second caption: "swan, bird".
KINDS = {
    "animals/birds": "bird",
    "animals/bugs": "insect",
    "animals/fish": "sea animal",
    "animals/mammals": "animal",
    "animals/dinosaurs": "dinosaur",
    "food/fruit": "fruit",
    "food/vegetables": "vegetable",
    "food/desserts": "dessert",
    "food/beverages": "drink",
    "food": "food",
    "plants/flowers": "flower",
    "plants/trees": "tree",
    "plants": "plant",
    "people/clothing/hats": "hat",
    "people/clothing": "clothing",
    "buildings/furniture": "furniture",
    "buildings/homes": "house",
    "buildings": "building",
    "recreation/music": "music",
    "recreation/sports": "sport",
    "recreation/toys": "toy",
    "tools/weapons": "weapon",
    "tools": "tool",
    "transportation/vehicles": "vehicle",
    "transportation/roadsigns": "road sign",
    "computer/hardware": "computer hardware",
    "geography/astronomy": "astronomy",
    "signs_and_symbols/weather": "weather",
    "signs_and_symbols/map_symbols": "map symbol",
}
_NOISE = cleaning.word_list("noise")
_FLAGS = "signs_and_symbols/flags"
_COLLECTIVE = re.compile(
    r"clipart by|part of|r16|lemon svg|aiga|map symbols|blueberry|collection of|balloons-aj",
    re.IGNORECASE,
)
_ADJECTIVES = cleaning.word_list("adjectives")
# What a picture is by its collection or folder, where its own name leaves it out.
_ENDINGS = (
    ("Road Signs", "road sign"),
    ("map_symbols/aiga", "sign"),
    ("shapes/callouts", "speech bubble"),
    ("shapes/jigsaw", "piece"),
)
_EMPTY = cleaning.word_list("empty")
_BLACK_AND_WHITE = re.compile(r"\bb *(?:&|and|_)? *w\b|_bw(?:_|$)|\bbn\b", re.IGNORECASE)
_KEYWORDS = re.compile(r"<dc:subject>.*?</dc:subject>", re.DOTALL)
_KEYWORD = re.compile(r"<rdf:li[^>]*>([^<]*)</rdf:li>")
_LINKED = re.compile(r"<(?:svg:)?image\b[^>]*href=\"(?!data:|#)")
_SINGLE = re.compile(r"[a-z]+(?:[ -][a-z]+)?")


@dataclass(frozen=True)
class Sheet:
    """What the library says about a picture: path inside it, and its own title, author, keywords."""

    path: str
    title: str = ""
    author: str = ""
    keywords: tuple[str, ...] = ()
    whole: bool = True  # false where a linked picture was missing when the library was drawn

    @property
    def folder(self) -> str:
        """The folder inside the library."""
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return self.path.rpartition("/")[2].removesuffix(".png")


def drawings(cache_folder: Path, known: frozenset[str]) -> Iterator[Drawing]:
    """The clip art whose title or file name says in English what it shows.

    `known` are words that other sources use; icons must be named by such words alone.
    """
    pictures = packages.unpacked(cache_folder, packages.CLIPART) / "usr/share/openclipart/png"
    told = packages.unpacked(cache_folder, packages.CLIPART_WORDS) / "usr/share/openclipart/svg"
    sheets = [_sheet(file, pictures, told) for file in sorted(pictures.rglob("*.png"))]
    sheets = [sheet for sheet in sheets if _is_wanted(sheet)]
    for sheet, said in _limited(described(sheets, known)):
        yield Drawing(pictures / sheet.path, said, concept_of(said[0]), "openclipart", sheet.folder)


def described(
    sheets: Sequence[Sheet], known: frozenset[str]
) -> Iterator[tuple[Sheet, tuple[str, ...]]]:
    """The sheets that say something, with their captions, the name first."""
    collective = collective_titles(sheets)
    carried = Counter(word for sheet in sheets for word in set(sheet.keywords))
    for sheet in sheets:
        name = name_of(sheet, collective)
        if not name or not _is_said(name, sheet.folder, known):
            continue
        yield sheet, cleaning.distinct(_captions(sheet, name, carried, known))


def collective_titles(sheets: Sequence[Sheet]) -> frozenset[str]:
    """Titles of whole collections: shared by several pictures, no word of them in the file names."""
    bearers = defaultdict(list)
    for sheet in sheets:
        bearers[sheet.title].append(sheet)
    return frozenset(
        title
        for title, found in bearers.items()
        if len(found) >= SHARED_TITLE and sum(map(_borne_out, found)) < 0.7 * len(found)
    )


def name_of(sheet: Sheet, collective: frozenset[str] = frozenset()) -> str:
    """What the picture shows, in English, from its title or else its file name; "" if neither says it."""
    speaking = bool(sheet.title) and sheet.title not in collective
    if speaking and not _COLLECTIVE.match(sheet.title):
        name = _english(sheet.title, sheet.author)
    else:
        name = _english(_without_author(sheet.stem, sheet.author), sheet.author)
    return _in_context(name, sheet) if name else ""


def concept_of(name: str) -> str:
    """The name in lower case, its last word in the singular: the key under which pictures are the same."""
    *first, last = name.lower().split()
    return " ".join([*first, cleaning.singular(last)])


def _in_context(name: str, sheet: Sheet) -> str:
    """The name with what its collection leaves unsaid."""
    listed = {*sheet.keywords, sheet.folder}
    if "flag" not in name and (sheet.folder.startswith(_FLAGS) or listed & {"flag", "flags"}):
        place = re.sub(r"^(usa|canada|united kingdom|china|france|spain) (?=\w)", "", name.lower())
        return f"flag of {_titles().get(place, place.title())}"
    if sheet.folder == "geography" and "map" in listed and "map" not in name:
        return f"map of {name.title()}"
    for told, ending in _ENDINGS:
        if told in f"{sheet.title} {sheet.path}" and ending not in name:
            return f"{name} {ending}"
    return name


def _in_order(name: str) -> str:
    """A name as one says it; file names put the adjective last to sort well: "pear simple"."""
    words = name.split()
    if len(words) > 1 and words[0] in ("contour", "folder"):
        return " ".join([*words[1:], {"contour": "silhouette"}.get(words[0], words[0])])
    if len(words) > 2 and words[0] == "hotel":
        return " ".join([*words[3 if words[1:3] == ["in", "room"] else 1 :], "sign"])
    if len(words) > 1 and words[-1] in _ADJECTIVES and words[-2] not in ("and", "or", "in"):
        return " ".join([words[-1], *words[:-1]])
    return name


def _is_wanted(sheet: Sheet) -> bool:
    return sheet.whole and sheet.path not in IN_SAMPLES and not SKIPPED.match(sheet.folder)


def _sheet(file: Path, pictures: Path, told: Path) -> Sheet:
    said = _text_chunks(file)
    source = (told / file.relative_to(pictures)).with_suffix(".svg")
    svg = source.read_text(errors="replace") if source.exists() else ""
    return Sheet(
        path=file.relative_to(pictures).as_posix(),
        title=cleaning.plain(said.get("Title", "")),
        author=cleaning.plain(said.get("Author", "")),
        keywords=_keywords(svg),
        whole=not _LINKED.search(svg),
    )


def _text_chunks(file: Path) -> dict[str, str]:
    try:
        with Image.open(file) as opened:
            return {key: str(text) for key, text in opened.info.items() if isinstance(key, str)}
    except Image.DecompressionBombError:
        return {}  # a poster; reading its pixels is refused later too


def _keywords(svg: str) -> tuple[str, ...]:
    found = _KEYWORDS.search(svg)
    listed = _KEYWORD.findall(found.group()) if found else []
    return tuple(word for each in listed if _SINGLE.fullmatch(word := cleaning.plain(each).lower()))


def _borne_out(sheet: Sheet) -> bool:
    """Whether some word of the title begins a word of the file name."""
    stem = sheet.stem.lower()
    heads = [cleaning.singular(word)[:5] for word in cleaning.words(sheet.title)]
    return any(len(head) > 2 and head in stem for head in heads)


def _without_author(stem: str, author: str) -> str:
    """The file name up to where the author's name, often cut off, begins."""
    stem = re.sub(r"_\d_symbol_.*", "", stem)
    parts = [part for part in re.split(r"[_ ]", stem.lower()) if not part.isdigit()]
    maker = "_".join(cleaning.words(author))
    for at in range(1, len(parts)):
        rest = "_".join(cleaning.words(" ".join(parts[at:])))
        if maker and len(rest) > 2 and (maker.startswith(rest) or rest.startswith(maker)):
            return "_".join(stem.split("_")[:at])
    return stem


def _english(text: str, author: str) -> str:
    makers = {word for word in cleaning.words(author) if len(word) > 3}
    plainly = cleaning.words(re.sub(r"_?\bb(?:&| and )?w\b|_bw(?=_|$)", " ", text, flags=re.I))
    said = " ".join(plainly)
    for key in (said, " ".join(w for w in plainly if w not in makers)):
        if key in _titles():
            return _titles()[key]
    kept = [w for w in plainly if w not in _NOISE and not (w in makers and w == plainly[-1])]
    name = _in_order(" ".join(kept))
    return _titles().get(name, name)


def _is_said(name: str, folder: str, known: frozenset[str]) -> bool:
    found = [word for word in cleaning.words(name) if len(word) > 2]
    if not found or len(" ".join(found)) > 60 or name in _EMPTY:
        return False
    share = sum(cleaning.singular(w) in known or w in known for w in found) / len(found)
    return share == 1 if folder.startswith("computer") else share >= 0.5


def _captions(
    sheet: Sheet, name: str, carried: Mapping[str, int], known: frozenset[str]
) -> Iterator[str]:
    yield name
    if _BLACK_AND_WHITE.search(f"{sheet.title} {sheet.stem}"):
        yield f"{name}, black and white"
    stems = cleaning.stems(name)
    kind = _kind(sheet.folder)
    if kind and not cleaning.stems(kind) & stems:
        yield f"{name}, {kind}"
    fit = [word for word in sheet.keywords if _fits(word, stems, f"{sheet.folder}/{kind}")]
    usual = [w for w in fit if 1 < carried[w] <= CARRIED_BY_MOST and cleaning.stems(w) <= known]
    yield from usual[:KEYWORDS]


def _kind(folder: str) -> str:
    while folder and folder not in KINDS:
        folder = folder.rpartition("/")[0]
    return KINDS.get(folder, "")


def _fits(word: str, stems: frozenset[str], folder: str) -> bool:
    return (
        len(word) > 2
        and word not in _NOISE
        and word not in _EMPTY
        and not cleaning.stems(word) <= stems
        and cleaning.singular(word) not in {cleaning.singular(f) for f in re.split("[/_ ]", folder)}
    )


def _limited(
    told: Iterator[tuple[Sheet, tuple[str, ...]]],
) -> Iterator[tuple[Sheet, tuple[str, ...]]]:
    """At most so many of one concept and of the folders that hold hundreds of a kind."""
    seen: Counter[str] = Counter()
    for sheet, said in told:
        limits = [(concept_of(said[0]), PER_CONCEPT)]
        limits += [(f, most) for f, most in PER_FOLDER.items() if sheet.folder.startswith(f)]
        if all(seen[key] < most for key, most in limits):
            seen.update(key for key, _ in limits)
            yield sheet, said


@cache
def _titles() -> dict[str, str]:
    file = Path(__file__).with_name(TITLES_FILE)
    rows = (line.split("\t") for line in file.read_text().splitlines())
    return {" ".join(cleaning.words(said)): "" if meant == "-" else meant for said, meant in rows}
