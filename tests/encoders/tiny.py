"""A sentence model of the usual make, with seeded random weights and small enough to load and export in a moment."""

import shutil
from pathlib import Path
from typing import Any

from samespace.encoders import starter
from samespace.encoders.weights import packaged

DIM = 32
LENGTH = 64
CLIP_DIM = 16
CLIP_LENGTH = 24


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


def write_tiny_clip(inside: Path) -> Path:
    """A multimodal model of sentence-transformers (CLIP) with seeded random weights, in a folder of its own; which."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

    torch.manual_seed(0)
    bare, whole = inside / "clip", inside / "multimodal"
    vocabulary = _letters()
    size: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    size["num_attention_heads"] = 2
    end = vocabulary["<|endoftext|>"]
    texts = {**size, "vocab_size": len(vocabulary), "max_position_embeddings": CLIP_LENGTH}
    marks = {
        "bos_token_id": vocabulary["<|startoftext|>"],
        "eos_token_id": end,
        "pad_token_id": end,
    }
    pictures = {**size, "image_size": 32, "patch_size": 8}
    config = CLIPConfig(text_config=texts | marks, vision_config=pictures, projection_dim=CLIP_DIM)
    CLIPModel(config).save_pretrained(bare)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[])
    tokenizer.model_max_length = CLIP_LENGTH
    prepare = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor: Any = CLIPProcessor
    processor(image_processor=prepare, tokenizer=tokenizer).save_pretrained(bare)
    SentenceTransformer(str(bare), device="cpu").save(str(whole))
    return whole


def _letters() -> dict[str, int]:
    """A vocabulary of single bytes, within a word and at its end."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    bytes_as_letters: Any = bytes_to_unicode
    letters = list(bytes_as_letters().values())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: number for number, token in enumerate(tokens)}
