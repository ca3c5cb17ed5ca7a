"""The golden vectors of `starter` in float32: `python -m tests.encoders.golden` writes them anew.

Only to be run when the space is meant to change, which its fingerprint then says too.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.settings import Settings
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.weights import packaged

FILE = Path(__file__).with_name("golden.npz")

TEXTS = [
    "A temple with a curved roof beside a lake",
    "a flower",
    "Vector databases keep embeddings and find the nearest of them.",
    "Der Hund schläft unter dem Tisch.",
    "naïve café — 你好 😀",
    "",
    "The quick brown fox jumps over the lazy dog. " * 60,
]


def photographs() -> list[Image.Image]:
    """Two photographs that scikit-learn ships (china, flower), and pieces and shapes of them."""
    folder = packaged("scikit-learn", "sklearn/datasets/images")
    china, flower = (Image.open(folder / f"{name}.jpg") for name in ("china", "flower"))
    with china, flower:
        whole = [china.convert("RGB"), flower.convert("RGB")]
    return [
        *whole,
        whole[0].crop((0, 0, 320, 400)),
        whole[1].crop((150, 50, 500, 400)).resize((96, 96)),
        whole[0].rotate(90, expand=True),
    ]


def main() -> None:
    """Encode and write."""
    encoder = load_encoder(STARTER, Settings(device="cpu", precision="float32"))
    np.savez_compressed(
        FILE,
        texts=encoder.encode(of_texts(TEXTS)),
        pictures=encoder.encode(of_images(photographs())),
        fingerprint=np.array(encoder.fingerprint),
    )


if __name__ == "__main__":
    main()
