"""Pictures into a text space without training: a convex combination of class-name vectors (ConSE).

Norouzi et al., Zero-Shot Learning by Convex Combination of Semantic Embeddings, 2014, arXiv:1312.5650.
An ImageNet classifier says how much of each of 1,000 classes it sees; the picture's vector is the sum
of the text vectors of the best ten class names, weighted by those probabilities.

This was the starter's picture tower before one was trained; it is what that one learns photographs from,
and is judged against.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from samespace.core.content import of_texts
from samespace.core.types import Vectors
from samespace.encoders.folding import fold_norms
from samespace.encoders.pictures import whole_on_white
from samespace.encoders.rows import unit_rows
from samespace.encoders.sentences import SentenceEncoder
from samespace.learn import imagenet
from samespace.learn.photographs import conse_rows

if TYPE_CHECKING:
    import torch

NAME_TEMPLATES = ("{}", "a photo of a {}")


class ConseTower:
    """EfficientNet-Lite0 and the class-name vectors: pictures to (n, dim) unit rows.

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
            logits = self._network(self._pixels(images))
            rows: NDArray[np.float32] = conse_rows(logits, self._names).cpu().numpy()
        return rows

    def _pixels(self, images: Sequence[Image]) -> "torch.Tensor":
        import torch

        stacked = np.stack([np.asarray(whole_on_white(image, imagenet.SIDE)) for image in images])
        # (n, height, width, 3) seen as (n, 3, height, width) is channels last already
        pixels = torch.from_numpy(stacked).to(self._device).permute(0, 3, 1, 2)
        return (pixels.float() - 127) / 128


def teacher(device: str = "cpu") -> ConseTower:
    """The ConSE tower on a device; raises Unavailable if its package is missing or not the pinned one."""
    return ConseTower(imagenet.classifier(), imagenet.class_names(), device)


def class_vectors(texts: SentenceEncoder) -> Vectors:
    """The rows of `imagenet.class_names`, computed: the mean over NAME_TEMPLATES of each name, of unit length."""
    from open_clip import IMAGENET_CLASSNAMES

    made = (
        texts.encode(of_texts([t.format(n) for n in IMAGENET_CLASSNAMES])) for t in NAME_TEMPLATES
    )
    return unit_rows(np.sum(list(made), axis=0), texts.space.dim)
