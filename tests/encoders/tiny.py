"""A sentence model of the usual make, with seeded random weights and small enough to load and export in a moment."""

import shutil
from pathlib import Path
from typing import Any

from samespace.encoders import starter
from samespace.encoders.weights import packaged

DIM = 32
LENGTH = 64


def write_tiny(inside: Path) -> Path:
    """Write it into a folder of its own; which."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    bare, whole = inside / "bert", inside / "sentences"
    size: dict[str, Any] = {"hidden_size": DIM, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=30522, intermediate_size=64, **size)).save_pretrained(bare)
    minilm = packaged(starter.TEXT_PACKAGE, starter.TEXT_FOLDER)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(minilm / name, bare)
    transformer = Transformer(str(bare), max_seq_length=LENGTH)
    SentenceTransformer(modules=[transformer, Pooling(DIM)], device="cpu").save(str(whole))
    return whole
