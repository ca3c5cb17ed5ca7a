"""Qwen3-VL as an embedding model, with seeded random weights and small enough to load in a moment."""

from pathlib import Path
from typing import Any

DIM = 32
_OWN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "[UNK]",
)
_WORDS = ("a", "red", "car", "blue", "boat", "user")
_MARKS = {
    "vision_start_token": "<|vision_start|>",
    "vision_end_token": "<|vision_end|>",
    "image_token": "<|image_pad|>",
    "video_token": "<|video_pad|>",
}
_EYE: dict[str, Any] = {"patch_size": 4, "temporal_patch_size": 2}
_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }} {% for c in m.content %}{% if c.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif c.type == 'text' %}{{ c.text }}{% endif %}"
    "{% endfor %}<|im_end|>{% endfor %}"
)


def write_tiny_qwen(inside: Path) -> Path:
    """Write it as a model of sentence-transformers, into a folder of its own; which."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    torch.manual_seed(0)
    bare, whole = inside / "bare", inside / "qwen"
    _model().save_pretrained(bare)
    _processor().save_pretrained(bare)
    modules = [Transformer(str(bare)), Pooling(DIM, pooling_mode="lasttoken"), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(whole))
    return whole


def _model() -> Any:
    from transformers.models import qwen3_vl

    size = {"hidden_size": DIM, "intermediate_size": 64}
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [4, 2, 2]}
    text = {"vocab_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "head_dim": 16}
    vision = {"depth": 1, "num_heads": 2, "spatial_merge_size": 2, "out_hidden_size": DIM}
    make: Any = qwen3_vl.Qwen3VLConfig
    config = make(
        text_config={**text, **size, "num_key_value_heads": 1, "rope_parameters": rope},
        vision_config={
            **vision,
            **size,
            **_EYE,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        **{f"{name}_id": _OWN.index(token) for name, token in _MARKS.items()},
    )
    return qwen3_vl.Qwen3VLModel(config)


def _processor() -> Any:
    from transformers import Qwen2VLImageProcessor
    from transformers.models import qwen3_vl

    make: Any = qwen3_vl.Qwen3VLProcessor
    pictures: Any = Qwen2VLImageProcessor
    film: Any = qwen3_vl.Qwen3VLVideoProcessor
    return make(
        image_processor=pictures(merge_size=2, min_pixels=64, max_pixels=1024, **_EYE),
        tokenizer=_tokenizer(),
        video_processor=film(merge_size=2, **_EYE),
        chat_template=_TEMPLATE,
    )


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate([*_OWN, *_WORDS])}
    words = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    usual = {"pad_token": "<|endoftext|>", "eos_token": "<|im_end|>", "unk_token": "[UNK]"}
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=words, extra_special_tokens=_MARKS, **usual)
