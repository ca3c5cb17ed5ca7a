"""EmbeddingGemma 2 of texts and pictures, with seeded random weights and small enough to load in a moment."""

from pathlib import Path
from typing import Any

DIM = 24
_SIZE: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
}
_EYE: dict[str, Any] = {"patch_size": 4, "pooling_kernel_size": 2}
# The places of its own tokens, after four that every tokenizer has.
_IDS: dict[str, Any] = {
    "boi_token_id": 4,
    "image_token_id": 5,
    "eoi_token_id": 6,
    "video_token_id": 7,
    "boa_token_id": 8,
    "audio_token_id": 9,
    "eoa_token_index": 10,
}
_USUAL = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>", "unk_token": "<unk>"}
_PICTURES = {"boi_token": "<|image>", "image_token": "<|image|>", "eoi_token": "<image|>"}
_SOUND = {"boa_token": "<|audio>", "audio_token": "<|audio|>", "eoa_token": "<audio|>"}
_WORDS = ("a", "the", "red", "car", "blue", "boat")
_TEMPLATE = (
    "{% for m in messages %}{% for c in m.content %}{% if c.type == 'image' %}<|image|>"
    "{% elif c.type == 'text' %}{{ c.text }}{% endif %}{% endfor %}{% endfor %}"
)


def write_tiny_gemma(inside: Path) -> Path:
    """Write it as a model of sentence-transformers, into a folder of its own; which."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    torch.manual_seed(0)
    bare, whole = inside / "bare", inside / "gemma"
    _model().save_pretrained(bare)
    _processor().save_pretrained(bare)
    modules = [Transformer(str(bare)), Pooling(DIM), Normalize()]
    model = SentenceTransformer(modules=modules, device="cpu")
    model.prompts = {"SearchQuery": "a ", "Document": "the "}
    model.save(str(whole))
    return whole


def _model() -> Any:
    from transformers.models import embedding_gemma2, gemma4

    make_text: Any = embedding_gemma2.EmbeddingGemma2TextConfig
    make_vision: Any = gemma4.Gemma4VisionConfig
    make: Any = embedding_gemma2.EmbeddingGemma2Config
    text = make_text(
        vocab_size=32,
        num_hidden_layers=2,
        hidden_size_per_layer_input=16,
        embedding_dim=DIM,
        layer_types=["sliding_attention", "full_attention"],
        per_layer_config={},
        **_SIZE,
    )
    vision = make_vision(num_hidden_layers=1, position_embedding_size=64, **_EYE, **_SIZE)
    config = make(text_config=text, vision_config=vision, audio_config=None, **_IDS)
    return embedding_gemma2.EmbeddingGemma2Model(config)


def _processor() -> Any:
    from transformers.models import embedding_gemma2, gemma4

    make: Any = embedding_gemma2.EmbeddingGemma2Processor
    pictures: Any = gemma4.Gemma4ImageProcessor
    film: Any = embedding_gemma2.EmbeddingGemma2VideoProcessor
    sound: Any = gemma4.Gemma4AudioFeatureExtractor
    return make(
        feature_extractor=sound(),
        image_processor=pictures(max_soft_tokens=70, **_EYE),
        tokenizer=_tokenizer(),
        video_processor=film(**_EYE),
        chat_template=_TEMPLATE,
    )


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    own = [*_USUAL.values(), *_PICTURES.values(), "<|video|>", *_SOUND.values()]
    vocabulary = {word: number for number, word in enumerate([*own, *_WORDS])}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=words, extra_special_tokens=_PICTURES | _SOUND, **_USUAL)
