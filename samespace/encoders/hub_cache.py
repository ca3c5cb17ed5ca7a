"""What the local cache of the model hub holds."""


def cached_models() -> frozenset[str]:
    """The models in the local cache of the hub."""
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        return frozenset(repository.repo_id for repository in scan_cache_dir().repos)
    except CacheNotFound:
        return frozenset()
