"""Files of packed models: there and undamaged for each model, and for nothing else."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from samespace.core.errors import NotFound
from samespace.encoders.packed import KIND, folders, key_of
from samespace.encoders.weights import sha256_of
from samespace.operations.verify.report import Kind
from samespace.operations.verify.run import Run
from samespace.store.merge import merged

_CHUNK = 1 << 20


def check_models(run: Run) -> None:
    """Note files that are gone, damaged, or nobody's; with a repair put back what this machine has of a model, and
    remove what is nobody's. Every file is read: a model is a few, and each machine that fetches it needs them whole."""
    held = run.services.records.registry.files()
    stored = (key.partition("/")[2] for key in run.services.blobs.keys(KIND))
    for some in run.batches(merged(iter(held), stored, str, str), KIND):
        run.ledger.blobs += sum(one is not None for _, one in some)
        for hash, one in some:
            if hash is None:
                _check_unheld(str(one), run)
            elif one is None:
                _note(hash, Kind.LOST_MODEL, run)
            elif not _is_undamaged(hash, run):
                _note(hash, Kind.DAMAGED_MODEL, run)


def _is_undamaged(hash: str, run: Run) -> bool:
    digest = hashlib.sha256()
    try:
        with run.services.blobs.open(key_of(hash)) as stream:
            while some := stream.read(_CHUNK):
                digest.update(some)
    except NotFound:  # removed since it was listed
        return True
    return digest.hexdigest() == hash


def _note(hash: str, kind: Kind, run: Run) -> None:
    """Looked at again first: the model may have been removed meanwhile, or just added."""
    names = run.services.records.registry.files().get(hash)
    if not names:
        return
    if kind is Kind.LOST_MODEL and run.services.blobs.exists(key_of(hash)):
        return
    is_back = run.repair and _put_back(hash, run)
    run.ledger.note(kind, [f"{key_of(hash)} of model {', '.join(names)}"], int(is_back))


def _put_back(hash: str, run: Run) -> bool:
    """From where this machine keeps the model, if it does."""
    for file in _copies(hash, run.services.settings.models):
        run.services.blobs.delete(key_of(hash))
        with file.open("rb") as stream:
            run.services.blobs.put(key_of(hash), stream)
        return True
    return False


def _copies(hash: str, models: Path) -> Iterator[Path]:
    for folder, manifest in folders(models):
        if manifest.is_file() and sha256_of(manifest) == hash:
            yield manifest
        for file in folder.rglob("*"):
            if file.is_file() and sha256_of(file) == hash:
                yield file


def _check_unheld(hash: str, run: Run) -> None:
    """A model may just be stored; what is noted as garbage is let go of in time, but for what is older than that."""
    try:
        is_settled = run.services.blobs.stored_at(key_of(hash)) < run.settled
    except NotFound:
        return
    if not is_settled:
        return
    # Within it nobody stores a model, or removes one.
    with run.services.records.garbage.file_lock(hash) as is_orphan:
        if is_orphan and run.repair:
            run.services.blobs.delete(key_of(hash))
    if is_orphan:
        run.ledger.note(Kind.ORPHAN_BLOB, [key_of(hash)], int(run.repair))
