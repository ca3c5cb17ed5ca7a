"""A small world to search in: real records, the in-memory index, and encoders whose vectors can be foreseen."""

import hashlib
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.content import Content, text_hash
from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Item, Modality, Row, Scored, Space, Vectors
from samespace.encoders.contents import Way, encode_by
from samespace.encoders.spaces import spaces_of
from samespace.store.filters import Filter
from samespace.store.records import Collection, Document, Records, open_records
from samespace.store.records.claims import Done
from samespace.store.records.models import model_of
from samespace.store.records.offers import Offer
from search.answer import Answer
from search.background import Backgrounds
from search.cursor import Cursors, MemorySnapshots
from search.parts import Part, Query, TextPart
from search.query import search
from search.searcher import Searcher
from search.spaces import SpaceEncoders
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables
from tests.store.sql_fixtures import new_collection as collection_on_record

DIM = 128


def picture_of(words: str) -> Content:
    """A picture that the encoders of this world see as these words: its pixels are their letters."""
    letters = np.frombuffer(words.encode(), np.uint8)
    rgb = np.stack([letters] * 3, axis=1)[None]
    return Content.of_picture(text_hash(words), rgb)


def words_in(content: Content) -> str:
    """What an encoder sees."""
    return content.text or content.pixels[0, :, 0].tobytes().decode()


@dataclass
class WordEncoder:
    """Sums a random vector for each word; `gap` moves passages and pictures apart, as trained towers do."""

    space: Space
    gap: float = 0.0
    scale: float = 20.0
    bias: float = 0.0
    fingerprint: str = "of words"
    calls: list[tuple[str, int, bool]] = field(default_factory=list)
    broken: bool = False

    def encode(self, contents: Sequence[Content], *, interactive: bool = False) -> Vectors:
        def way(kind: str) -> Way:
            return lambda some: self._encode(kind, [*map(words_in, some)], interactive)

        return encode_by({TEXT: way("texts"), IMAGE: way("images")}, contents, self.space)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def _encode(self, kind: str, values: Sequence[str], interactive: bool) -> Vectors:
        if self.broken:
            raise Unavailable(f"the model of {self.space.name} is not there")
        self.calls.append((kind, len(values), interactive))
        rows = [
            sum((self._word(word) for word in words.split()), self.gap * self._word(f"*{kind}*"))
            for words in values
        ]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / lengths, dtype=np.float32)

    def _word(self, word: str) -> NDArray[np.float64]:
        seed = zlib.crc32(f"{self.space.name} {word.lower().strip('.')}".encode())
        drawn = np.random.default_rng(seed).normal(size=DIM)
        return np.asarray(drawn / np.linalg.norm(drawn))


class WordEncoders:
    """A word encoder for each space."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._made: dict[str, WordEncoder] = {}

    def get(self, space: Space) -> WordEncoder:
        return self._made.setdefault(space.name, WordEncoder(space, **self._options))


class HeardIndex(MemoryIndex):
    """An index that tells what it is asked, before it answers; what `heard` raises, it raises."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Callable[[str, Mapping[str, Any]], None] = lambda _method, _arguments: None

    def search(
        self,
        name: str,
        vectors: Vectors,
        modality: Modality,
        limit: int,
        where: Filter | None = None,
    ) -> list[list[Scored]]:
        self.heard("search", {"modality": modality})
        return super().search(name, vectors, modality, limit, where)

    def rows(self, name: str, keys: Sequence[str]) -> list[Row]:
        self.heard("rows", {"keys": keys})
        return super().rows(name, keys)

    def scan(
        self,
        name: str,
        where: Filter | None = None,
        modality: Modality | None = None,
        batch: int = 1000,
    ) -> Iterator[tuple[list[Row], Vectors]]:
        self.heard("scan", {"modality": modality})
        return super().scan(name, where, modality, batch)

    def sample(self, name: str, modality: Modality, size: int) -> Vectors:
        self.heard("sample", {"modality": modality})
        return super().sample(name, modality, size)

    def count(
        self, name: str, where: Filter | None = None, modality: Modality | None = None
    ) -> int:
        self.heard("count", {"modality": modality})
        return super().count(name, where, modality)


@dataclass(frozen=True)
class World:
    """Everything a search takes, and ways to fill it."""

    records: Records
    index: HeardIndex
    encoders: Any
    settings: Settings
    collection: Collection
    backgrounds: Backgrounds
    cursors: Cursors

    @property
    def searcher(self) -> Searcher:
        """What it is asked with."""
        return Searcher(
            self.records,
            self.index,
            self.encoders,
            self.backgrounds,
            self.cursors,
            self.settings,
        )

    @property
    def stack(self) -> dict[str, Any]:
        """What else works on a collection takes some of these by name."""
        return {
            "collection": self.collection,
            "records": self.records,
            "index": self.index,
            "encoders": self.encoders,
            "backgrounds": self.backgrounds,
            "cursors": self.cursors,
            "settings": self.settings,
        }

    def search(self, *parts: Part | str, **options: Any) -> Answer:
        made = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
        return search(Query(made, **options), self.collection, self.searcher)

    def encoder(self, name: str | None = None) -> Any:
        spaces = {space.name: space for space in spaces_of(self.collection.preset)}
        return self.encoders.get(spaces[name or next(iter(spaces))])

    def add(
        self,
        *contents: str | Content,
        name: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> Document:
        """A live document with these items: texts are passages, pictures are pictures."""
        document = self.accept(name or f"{len(contents)} items", metadata or {})
        items = write(self, document, contents)
        self.records.claims.claim([document.id], "test", 60)
        claimed = self.records.documents.many([document.id])[document.id]
        return self.records.claims.ready([Done(claimed, items, {}, ())])[0]

    def accept(self, name: str, metadata: Mapping[str, Any]) -> Document:
        id = secrets.token_hex(16)
        offer = Offer(
            id, self.collection.id, None, name, "text/plain", 1, hash_of(id), metadata, (), "job"
        )
        return self.records.documents.accept(offer)[0]


def write(world: World, document: Document, contents: Sequence[str | Content]) -> list[Item]:
    """Put the items of a document into every space that takes them, as its present generation."""
    items = [_item(world.collection, document, i, each) for i, each in enumerate(contents)]
    rows = [Row(item, document.generation, "text/plain", document.metadata) for item in items]
    for record in world.collection.spaces:
        encoder = world.encoder(record.name)
        for row, content in zip(rows, contents, strict=True):
            if row.item.modality in record.modalities:
                given = Content.of_text(content) if isinstance(content, str) else content
                world.index.upsert(record.index_name, [row], encoder.encode([given]))
    return items


def make_world(folder: Path, *, preset: str = "starter", **options: Any) -> World:
    """An empty collection; `options` are those of the encoders, and `settings` changes."""
    changes = options.pop("settings", {})
    encoders = options.pop("encoders", None) or WordEncoders(**options)
    settings = Settings(data=folder, **changes)
    lay_tables(folder / "records.db")
    records = open_records(f"sqlite:///{folder}/records.db")
    return new_collection(records, encoders, settings, preset)


def new_collection(
    records: Records, encoders: SpaceEncoders, settings: Settings, preset: str = "starter"
) -> World:
    index = HeardIndex()
    id = secrets.token_hex(16)
    models = []
    for space in spaces_of(preset):
        dim = DIM if isinstance(encoders, WordEncoders) else space.dim
        models.append(model_of(replace(space, dim=dim), encoders.get(space).fingerprint))
    collection = collection_on_record(records, id, f"c{id}", preset, models)
    for record in collection.spaces:
        index.create(record.index_name, record.dim)
    return World(
        records,
        index,
        encoders,
        settings,
        collection,
        Backgrounds(settings.background_items),
        Cursors(MemorySnapshots(), settings.cursor_seconds),
    )


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _item(
    collection: Collection, document: Document, position: int, content: str | Content
) -> Item:
    text = content if isinstance(content, str) else ""
    modality = TEXT if isinstance(content, str) else IMAGE
    content_hash = hash_of(content) if isinstance(content, str) else content.content_hash
    key = hash_of(f"{collection.id} {document.id} {position} {content_hash}")[:32]
    return Item(key, document.id, modality, position, content_hash, text)
