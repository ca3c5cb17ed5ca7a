"""What a model makes is looked at once before anything is built with it."""

import logging
from hashlib import sha256

import numpy as np

from samespace.core.content import Content
from samespace.core.errors import BadVector, Misconfigured, SamespaceError
from samespace.core.modality import Decoded
from samespace.core.types import IMAGE, TEXT, Modality
from samespace.encoders.base import Encoder
from samespace.encoders.hub import named

log = logging.getLogger(__name__)

_SIDE = 64


def check_encoder(encoder: Encoder) -> None:
    """Misconfigured for a model that makes of a short text or a small picture what is no vector of its space."""
    space = encoder.space
    for content in map(sample, sorted(space.modalities & {TEXT, IMAGE})):
        try:
            encoder.encode(
                [content, content]
            )  # two: some models make one vector of all they are given
        except BadVector as error:
            raise Misconfigured(
                f"{named(space.model)} cannot be used: of {content.modality}, {error}"
            ) from error
        except (SamespaceError, MemoryError):
            raise
        except Exception as error:
            log.info("%s cannot encode %s", space.model, content.modality, exc_info=error)
            raise Misconfigured(
                f"{named(space.model)} cannot be used: it fails over {content.modality}; the log says how"
            ) from error


def sample(modality: Modality) -> Content:
    """A short text, or a small picture: a red square on a ground that is no single colour."""
    if modality == TEXT:
        return Content.of_text("a red square on white")
    ramp = np.linspace(120, 255, _SIDE, dtype=np.uint8)
    rgb: Decoded = np.stack([np.tile(ramp, (_SIDE, 1))] * 3, axis=2)
    rgb[16:48, 16:48] = (220, 20, 20)
    return Content.of_picture(sha256(rgb.tobytes()).hexdigest(), rgb)
