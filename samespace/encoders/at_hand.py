"""Which presets work here without a fetch: whose weights lie in a package, a folder or the cache of the model hub."""

from pathlib import Path

from samespace.core.errors import SamespaceError
from samespace.core.types import Space
from samespace.encoders.presets import BUILTIN, OPEN_CLIP


def has_weights(space: Space, cached: frozenset[str]) -> bool:
    """Whether the weights are in a package, in a folder, or among the `cached_models`."""
    if space.kind == BUILTIN:
        return _has_packaged_weights()
    if space.kind == OPEN_CLIP:
        from samespace.encoders.clip import repository_of

        return repository_of(space.model) in cached
    return space.model in cached or Path(space.model).is_dir()


def _has_packaged_weights() -> bool:
    """Whether the package and the file that carry the weights of `starter` are there."""
    from samespace.encoders import starter
    from samespace.encoders.joined import TEXT_WEIGHTS
    from samespace.encoders.tower import read_pin
    from samespace.encoders.weights import packaged

    try:
        packaged(starter.TEXT_PACKAGE, f"{starter.TEXT_FOLDER}/{TEXT_WEIGHTS}")
        read_pin(starter.TOWER_FILE)
    except SamespaceError:
        return False
    return True
