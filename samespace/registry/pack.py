"""A folder as a packed model: copied to where this machine keeps models, then into the blobs."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from samespace.core.disks import check_space, disk_errors
from samespace.core.errors import InvalidRequest
from samespace.core.faults import fault_point
from samespace.encoders.clip import CONFIG, HERE, TEXT_FOLDERS
from samespace.encoders.packed import (
    Manifest,
    alone,
    beside,
    check_room,
    folder_of,
    is_whole,
    key_of,
    manifest_of,
    settle,
)
from samespace.encoders.presets import BUILTIN
from samespace.registry.card import Card
from samespace.registry.files import choose
from samespace.services import Services
from samespace.store.blobs import Blobs
from samespace.store.records import ModelRecord, Origin, RegisteredModel

_COPYING = ".adding-"
_DAY = 86_400.0
# Longer than it takes to store a model that lies on this machine already.
_STORING_SECONDS = 3600.0


@contextmanager
def copied(
    folder: Path, models: Path, *, as_onnx: bool = False
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """While the block runs, a copy of what makes up the model of a folder, which no one else changes, so that what
    is tried is what is packed; and what of the folder was left out. InvalidRequest as `choose`, OutOfSpace."""
    chosen = choose(folder, as_onnx=as_onnx)
    models.mkdir(parents=True, exist_ok=True)
    _clear_away(models)
    sizes = {file: ("", (folder / file).stat().st_size) for file in chosen.files}
    check_room(models, Manifest(sizes))
    with (
        disk_errors(f"{folder} cannot be copied to {models}"),
        tempfile.TemporaryDirectory(prefix=_COPYING, dir=models) as name,
    ):
        copy = Path(name, "model")
        for file in chosen.files:
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, copy / file)
        _name_own_folder(copy, folder)
        yield copy, chosen.left_out


def keep_here(copy: Path, models: Path) -> Manifest:
    """Move a copy to where a packed model lies on this machine, unless it is there; its manifest."""
    manifest = manifest_of(copy)
    folder = folder_of(models, manifest.hash)
    with alone(folder):
        if not is_whole(folder, manifest):
            settle(copy, folder)
        beside(folder, ".json").write_bytes(manifest.to_json())
    return manifest


def store(manifest: Manifest, services: Services) -> None:
    """Store the files of a model that is kept here as blobs, the manifest last; noted before, so that a death leaves
    nothing behind. Unavailable if the store does not take them, OutOfSpace if its disk would be too full."""
    check_space(services.settings, manifest.size)
    folder, blobs = folder_of(services.settings.models, manifest.hash), services.blobs
    services.records.garbage.note_packing(hashes_of(manifest), _STORING_SECONDS)
    for path, (hash, _) in manifest.files.items():
        with (folder / path).open("rb") as stream:
            blobs.put(key_of(hash), stream)
    blobs.put(key_of(manifest.hash), BytesIO(manifest.to_json()))
    fault_point("model.packed")


def packed(
    name: str,
    model: ModelRecord,
    manifest: Manifest,
    *,
    origin: Origin,
    source: str,
    licence: str,
    card: Card,
) -> RegisteredModel:
    """What is put on record of a packed model."""
    return RegisteredModel(
        name=name,
        model=model,
        origin=origin,
        source=source,
        manifest=manifest.hash,
        files={path: hash for path, (hash, _) in manifest.files.items()},
        bytes=manifest.size,
        licence=licence,
        card=card.model_dump(),
        created_at=time.time(),
    )


def put_on_record(made: RegisteredModel, services: Services) -> None:
    """Put a packed model on record, and let collections that were made with the folder it comes from go on with it;
    Conflict."""
    services.records.registry.add(made, lambda files: are_stored(files, services.blobs))
    for old in _same_but_elsewhere(made.model, services):
        services.records.registry.move_uses(old, made.model)


def _same_but_elsewhere(model: ModelRecord, services: Services) -> set[str]:
    """The ids of models that collections use and that differ in nothing but where the weights are had from."""
    used = {
        index.model
        for collection in services.records.collections.all()
        for index in collection.indexes
        if index.model is not None and index.model.space.kind != BUILTIN
    }
    here = model.space
    return {
        one.id
        for one in used
        if one.id != model.id
        and one.fingerprint == model.fingerprint
        and replace(one.space, model=here.model, revision=here.revision) == here
    }


def hashes_of(manifest: Manifest) -> set[str]:
    """Of all blobs that a model is."""
    return {manifest.hash, *(hash for hash, _ in manifest.files.values())}


def are_stored(hashes: Iterable[str], blobs: Blobs) -> bool:
    """Whether all of these files are there."""
    return all(blobs.exists(key_of(hash)) for hash in hashes)


def _name_own_folder(copy: Path, folder: Path) -> None:
    """open_clip names the folder of a text tower; where that is the model's own, it may be anywhere from now on."""
    file = copy / CONFIG
    if not file.is_file():
        return
    config = json.loads(file.read_text())
    text = config.get("model_cfg", {}).get("text_cfg", {})
    before = dict(text)
    for key in TEXT_FOLDERS:
        if text.get(key) and Path(text[key]).is_absolute():
            text[key] = HERE
            named = Path(before[key])
            if named.is_dir() and not named.samefile(folder):
                raise InvalidRequest(
                    f"the texts of {folder} are configured in another folder, {named}: copy its files into the "
                    f"model's own and name them {HERE!r} in {CONFIG}"
                )
    if text != before:
        file.write_text(json.dumps(config, indent=1))


def _clear_away(models: Path) -> None:
    """What a process left that died while it copied; nobody copies for a day."""
    for left in models.glob(f"{_COPYING}*"):
        if left.stat().st_mtime < time.time() - _DAY:
            shutil.rmtree(left, ignore_errors=True)
