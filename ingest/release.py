"""Letting go of what nothing holds any more: cached vectors, originals, thumbnails, files of models."""

from collections.abc import Sequence

from samespace.core.faults import fault_point
from samespace.encoders.packed import key_of
from samespace.services import Services
from samespace.store.blobs import original, thumbnails

_AT_ONCE = 200
"""Looked at in one transaction, within which nothing is accepted."""


def release(services: Services) -> None:
    """Delete the cached vectors and the blobs that were noted as garbage and that nothing refers to now."""
    while services.records.garbage.is_due():
        with services.records.garbage.letting_go(_AT_ONCE) as unheld:
            services.vectors.delete(unheld.contents)
            for content_hash in unheld.originals:
                for key in (original(content_hash), *thumbnails(content_hash)):
                    services.blobs.delete(key)
            _delete_files(unheld.models, services)


def _delete_files(hashes: Sequence[str], services: Services) -> None:
    """Of models that were removed."""
    if hashes:
        fault_point("model.removed")
    for hash in hashes:
        services.blobs.delete(key_of(hash))
