"""The text tower of a loaded model, as a module that can be exported: token ids and their mask in, rows out."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class TextTower:
    """`module` takes ids and mask, (n, length) int64, and makes (n, dim); `tokenizer_json` cuts and pads."""

    module: nn.Module
    tokenizer_json: str

    @property
    def megabytes(self) -> int:
        """What its weights take in float32."""
        return sum(each.numel() for each in self.module.parameters()) * 4 // (1024 * 1024)


@runtime_checkable
class HasTextTower(Protocol):
    """An adapter whose texts can be exported."""

    def text_tower(self) -> TextTower | None:
        """The text tower; None where texts need more than a tokenizer before the model sees them."""


class ClipTextTower(nn.Module):
    """open_clip's text tower, which tells padding by itself."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.tower = model.text

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:  # noqa: ARG002
        """Rows, not yet of unit length."""
        rows: Tensor = self.tower(ids)
        return rows


class SentenceTextTower(nn.Module):
    """All modules of a sentence-transformers model."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Rows, not yet of unit length."""
        made = self.model({"input_ids": ids, "attention_mask": mask})
        rows: Tensor = made["sentence_embedding"]
        return rows
