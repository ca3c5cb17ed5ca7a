"""What questions are answered with."""

from dataclasses import dataclass, field

from samespace.core.settings import Settings
from samespace.store.index import Index
from samespace.store.records import Records
from search.background import Backgrounds
from search.caches import LabelVectors
from search.cursor import Cursors
from search.spaces import SpaceEncoders


@dataclass(frozen=True, slots=True)
class Searcher:
    """The stores and encoders that are asked, and what is kept between two questions: one for a process.

    `cursors` are those of the one who asks.
    """

    records: Records
    index: Index
    encoders: SpaceEncoders
    backgrounds: Backgrounds
    cursors: Cursors
    settings: Settings
    labels: LabelVectors = field(default_factory=LabelVectors)
