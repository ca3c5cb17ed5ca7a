"""Presets: named rows of spaces."""

from samespace.core.types import IMAGE, TEXT, Space

SENTENCES = "sentence-transformers"
OPEN_CLIP = "open_clip"
BUILTIN = "builtin"
ONNX = "onnx"

TEXTS = frozenset({TEXT})
BOTH = frozenset({TEXT, IMAGE})

# Sentence models bring no logit scale of their own. 20 is what all-MiniLM-L6-v2 and most of its kind
# were trained with (the default of sentence-transformers' MultipleNegativesRankingLoss).
SENTENCE_SCALE = 20.0

STARTER = Space(
    name="starter",
    kind=BUILTIN,
    model="builtin:starter",
    dim=384,
    modalities=BOTH,
    max_tokens=256,
)

BGE_SMALL = Space(
    name="text",
    kind=SENTENCES,
    model="BAAI/bge-small-en-v1.5",
    dim=384,
    modalities=TEXTS,
    max_tokens=512,
    query_prompt="Represent this sentence for searching relevant passages: ",
    scale=SENTENCE_SCALE,
)

CLIP_B32 = Space(
    name="clip",
    kind=OPEN_CLIP,
    model="ViT-B-32/laion2b_s34b_b79k",
    dim=512,
    modalities=BOTH,
    max_tokens=77,
)

# The model reads 32,768 tokens; passages that long would blur, and cost memory by their square.
QWEN3 = Space(
    name="text",
    kind=SENTENCES,
    model="Qwen/Qwen3-Embedding-0.6B",
    dim=1024,
    modalities=TEXTS,
    max_tokens=1024,
    query_prompt=(
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
    ),
    scale=SENTENCE_SCALE,
)

SIGLIP2 = Space(
    name="siglip2",
    kind=OPEN_CLIP,
    model="ViT-SO400M-16-SigLIP2-384/webli",
    dim=1152,
    modalities=BOTH,
    max_tokens=64,
    score_kind="sigmoid",
)

# Trained at temperature 0.01, so its cosines lie close together (arXiv:2402.05672): scale 100.
E5_SMALL = Space(
    name="text",
    kind=SENTENCES,
    model="intfloat/multilingual-e5-small",
    dim=384,
    modalities=TEXTS,
    max_tokens=512,
    query_prompt="query: ",
    passage_prompt="passage: ",
    scale=100.0,
)

CLIP_XLMR = Space(
    name="clip",
    kind=OPEN_CLIP,
    model="xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k",
    dim=512,
    modalities=BOTH,
    max_tokens=77,
)

# Texts in a hundred languages and pictures in one space; the prompts are those of its authors for search. It reads
# 8,192 tokens; see QWEN3.
EMBEDDING_GEMMA_2 = Space(
    name="gemma",
    kind=SENTENCES,
    model="google/embeddinggemma-2",
    dim=768,
    modalities=BOTH,
    max_tokens=1024,
    query_prompt="task: search result | query: ",
    passage_prompt="title: none | text: ",
    scale=SENTENCE_SCALE,
)

# It puts its own instruction around what it is given.
QWEN3_VL = Space(
    name="qwen",
    kind=SENTENCES,
    model="Qwen/Qwen3-VL-Embedding-2B",
    dim=2048,
    modalities=BOTH,
    max_tokens=1024,
    scale=SENTENCE_SCALE,
)

PRESETS: dict[str, tuple[Space, ...]] = {
    "starter": (STARTER,),
    "clip": (BGE_SMALL, CLIP_B32),
    "quality": (QWEN3, SIGLIP2),
    "multilingual": (E5_SMALL, CLIP_XLMR),
    "unified": (EMBEDDING_GEMMA_2,),
    "screens": (QWEN3_VL,),
}

ABOUT: dict[str, str] = {
    "starter": "English texts, drawings and pictures of everyday things. Small, quick, needs no download.",
    "clip": "English texts, and photographs of most things. A middle way for machines without a GPU.",
    "quality": "The best answers for texts and pictures, and the most work: for a GPU.",
    "multilingual": "Texts in many languages, and photographs asked for in any of them.",
    "unified": "Texts in a hundred languages and pictures in one space: for a GPU, or a patient CPU.",
    "screens": "Pictures of pages, slides and screens beside texts, and the most work: for a GPU.",
}


def presets_with(model: str) -> list[str]:
    """The presets with a space of this model."""
    return [name for name, spaces in PRESETS.items() if any(s.model == model for s in spaces)]
