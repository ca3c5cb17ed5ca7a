"""Another model for a collection to change to: seeded random weights, small enough to be loaded in a moment."""

import json
from pathlib import Path

_VISION = {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16}
_TEXT = {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
_SEED = 7


def write_model(folder: Path) -> str:
    """Write it, for texts and pictures; the name by which a collection is changed to it."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    config = {"embed_dim": 24, "vision_cfg": _VISION, "text_cfg": _TEXT}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    torch.manual_seed(_SEED)
    model = open_clip.create_model(f"local-dir:{folder}")
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return f"open_clip:local-dir:{folder}"
