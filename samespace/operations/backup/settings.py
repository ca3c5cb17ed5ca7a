"""The settings that were set, as a backup keeps them: without secrets, which it names."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from samespace.core.settings import Settings

_HIDDEN = "***"


def kept_settings(settings: Settings) -> dict[str, Any]:
    """`set`: names and values as text, passwords in URLs as ***; `secrets`: names of what must be given again."""
    kept: dict[str, str] = {}
    secrets: list[str] = []
    for name in sorted(settings.model_fields_set - {"data"}):
        value = getattr(settings, name)
        if value is None:
            continue
        if isinstance(value, SecretStr):
            secrets.append(name)
            continue
        kept[name] = _shown(",".join(value) if isinstance(value, tuple) else str(value))
        if _HIDDEN in kept[name]:
            secrets.append(name)
    return {"set": kept, "secrets": secrets}


def _shown(value: str) -> str:
    parts = urlsplit(value)
    if not parts.password:
        return value
    before, _, host = parts.netloc.rpartition("@")
    user = before.partition(":")[0]
    return parts._replace(netloc=f"{user}:{_HIDDEN}@{host}").geturl()
