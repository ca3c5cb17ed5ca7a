"""What a model hub says of a model."""

from pathlib import Path

from samespace.encoders.clip import repository_of
from samespace.registry.card import licence_of


def licence_on_hub(preset: str) -> str | None:
    """The licence that the card of a model on a hub names: of the copy on this machine, else asked for; None where
    neither says it."""
    from huggingface_hub import HfApi, try_to_load_from_cache

    prefix, _, name = preset.partition(":")
    repository = repository_of(name) if prefix == "open_clip" else name
    if not repository:
        return None
    kept = try_to_load_from_cache(repository, "README.md")
    if isinstance(kept, str) and (found := licence_of(Path(kept).parent)):
        return found
    try:
        card = HfApi().model_info(repository, timeout=10).card_data
    except Exception:  # offline, gone, gated: loading it says which
        return None
    said = getattr(card, "license", None)
    return str(said) if said else None
