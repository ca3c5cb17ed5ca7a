"""What an alignment is to do, in one frozen row."""

from dataclasses import asdict, dataclass
from typing import Any

from samespace.core.errors import InvalidRequest
from samespace.learn.training.tower import Architecture
from samespace.learn.training.views import AUGMENTATION

# Prompt templates after Radford et al. 2021, for drawings as well as photographs.
TEMPLATES = ("{}", "a drawing of {}", "a picture of {}")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a picture tower is aligned; two runs of one plan on the same pairs give the same tower.

    `steps` batches of `batch` pairs, the first `head_steps` of them for the new head alone: a tower that is
    tuned towards a head drawn at random forgets what it knew (Kumar et al. 2022, arXiv:2202.10054). Every
    `check_every` steps the validation split is asked, and after `patience` checks without a better answer
    the run ends. `views` augmented pictures are made of each one before training. `frozen_stages` of the
    tower stay as they are (0: all of it is trained). A picture's first caption is drawn `first_caption`
    of the times, and any of its captions at the others. In the end the tuned stages are `blend` parts of
    what they became and the rest of what they were.
    `soft` is the temperature at which captions of a batch count as the same; `keep` weighs the
    distillation from what the tower knew before, `classes` the prototypes of its classes, of which a batch
    has `class_share` as many as pictures. `mean` and `std` are those of the tower's pixels, from 0 to 1.
    """

    tower: str = "tf_efficientnet_lite0"
    side: int = 224
    steps: int = 1000
    head_steps: int = 300
    batch: int = 192
    views: int = 4
    frozen_stages: int = 5
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    tower_rate: float = 3e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    warm_up: float = 0.05
    scale: float = 20.0
    soft: float = 0.02
    keep: float = 0.5
    classes: float = 1.0
    class_share: float = 1.0
    first_caption: float = 0.55
    templates: tuple[str, ...] = TEMPLATES
    blend: float = 0.7
    check_every: int = 50
    patience: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        counts = ("side", "steps", "batch", "views", "check_every", "patience")
        for name in counts:
            if (value := getattr(self, name)) < 1:
                raise InvalidRequest(f"{name} is {value}, must be at least 1")
        if not 0 <= self.blend <= 1:
            raise InvalidRequest(f"blend is {self.blend}, must be from 0 to 1")
        if not self.templates or any("{}" not in template for template in self.templates):
            raise InvalidRequest(
                f"templates are {self.templates}, each needs a {{}} for the caption"
            )

    @property
    def architecture(self) -> Architecture:
        """The tower of this plan."""
        return Architecture(
            name=self.tower,
            side=self.side,
            mean=self.mean,
            std=self.std,
            frozen_stages=self.frozen_stages,
            dropout=self.dropout,
            scale=self.scale,
            seed=self.seed,
        )

    def of_views(self) -> dict[str, Any]:
        """What the views of a picture depend on."""
        names = ("tower", "side", "mean", "std", "views", "frozen_stages", "seed")
        return {"augmentation": AUGMENTATION, **{n: _plain(getattr(self, n)) for n in names}}

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON has it."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
