"""Counting tokens with a model's own tokenizer, uncut and from any thread."""

from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer


class TokenCounter:
    """A tokenizer without truncation and padding.

    A copy of its own: a model sets truncation on its tokenizer while it encodes, and that object must
    not be shared between threads.
    """

    def __init__(self, tokenizer_json: str) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer_json)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def to_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return str(self._tokenizer.to_str())


def of_transformers(tokenizer: Any) -> TokenCounter:
    """The counter for a tokenizer of `transformers`."""
    return TokenCounter(tokenizer.backend_tokenizer.to_str())


def of_clip(tokenizer: Any) -> TokenCounter:
    """The counter for open_clip's own BPE tokenizer (`SimpleTokenizer`), which is pure Python."""
    from transformers import CLIPTokenizer

    start, end = (tokenizer.decoder[number] for number in tokenizer.all_special_ids)
    merges = sorted(tokenizer.bpe_ranks, key=tokenizer.bpe_ranks.__getitem__)
    same = CLIPTokenizer(
        vocab=dict(tokenizer.encoder),
        merges=merges,
        bos_token=start,
        eos_token=end,
        unk_token=end,
        pad_token=end,
    )
    return of_transformers(same)


def cutting(tokenizer: Any, max_tokens: int) -> str:
    """The tokenizer of `transformers` as JSON that cuts texts to `max_tokens` and pads a batch to its longest."""
    same = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    same.enable_truncation(max_tokens, direction=tokenizer.truncation_side)
    same.enable_padding(
        direction=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_type_id=tokenizer.pad_token_type_id,
        pad_token=tokenizer.pad_token,
    )
    return str(same.to_str())
