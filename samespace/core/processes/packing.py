"""Values to messages and back. What comes back is read as the type that was asked for, never as one it names.

Known are the types below, enumerations of texts, tuples of one of them, unions with one member for each JSON form, and
dataclasses of all these. Nothing else is looked up, imported or called because a message says so, except in a child:
there the class of a job is named by the parent, whom it may trust.
"""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from samespace.core import errors
from samespace.core.errors import SamespaceError
from samespace.core.processes.messages import BadMessage, Buffer, Message

T = TypeVar("T")

_SHORT = 256
_LONGEST_ERROR = 2000
_MOST_DIMENSIONS = 4
_ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, SamespaceError)
}
# The JSON forms in which a type travels; a dictionary stands for a buffer.
_FORMS: dict[Any, tuple[type, ...]] = {
    NoneType: (NoneType,),
    bool: (bool,),
    int: (int,),
    float: (float, int),
    str: (str, dict),
    Path: (list,),
    bytes: (dict,),
}


def pack_job(job: object) -> Message:
    """A job as its child reads it with `unpack_job`."""
    buffers: list[Buffer] = []
    kind = type(job)
    return Message([kind.__module__, kind.__qualname__, _pack(job, buffers)], buffers)


def unpack_job(message: Message) -> Any:
    """The job; for children only, for the message names the class."""
    module, name, fields_of = message.head
    return _unpack(getattr(import_module(module), name), fields_of, iter(message.buffers))


def pack_answer(answer: object) -> Message:
    """The result of a job, its error, or that memory did not suffice."""
    buffers: list[Buffer] = []
    if isinstance(answer, MemoryError):
        return Message(["memory"])
    if isinstance(answer, SamespaceError):
        kind = next(kind.__name__ for kind in type(answer).__mro__ if kind.__name__ in _ERRORS)
        said = _pack(str(answer)[:_LONGEST_ERROR], buffers)
        return Message(["error", kind, said], buffers)
    return Message(["result", _pack(answer, buffers)], buffers)


def unpack_answer(message: Message, kind: type[T]) -> T | SamespaceError | MemoryError:
    """What a child answered, its result being of this type; BadMessage for anything else."""
    buffers = iter(message.buffers)
    match message.head:
        case ["memory"]:
            answer: Any = MemoryError()
        case ["error", str(name), said] if name in _ERRORS:
            answer = _ERRORS[name](_unpack(str, said, buffers)[:_LONGEST_ERROR])
        case ["result", tree]:
            answer = _unpack(kind, tree, buffers)
        case _:
            raise BadMessage("no answer")
    if next(buffers, None) is not None:
        raise BadMessage("more buffers than the answer needs")
    return cast("T | SamespaceError | MemoryError", answer)


def answer_type(job: object) -> Any:
    """What `run` of a job says it returns."""
    return _hints(type(job).run)["return"]  # type: ignore[attr-defined]


def _pack(value: object, buffers: list[Buffer]) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Path):
        return _pack_text(value, buffers)
    if isinstance(value, bytes):
        return _beside(value, buffers)
    if isinstance(value, np.ndarray):
        return {**_beside(_flat(value), buffers), "shape": list(value.shape)}
    return [_pack(each, buffers) for each in _members(value)]


def _members(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        return iter(value)
    if is_dataclass(value):
        return (getattr(value, field.name) for field in fields(value))
    raise TypeError(f"{type(value).__name__} does not travel")


def _pack_text(text: str | Path, buffers: list[Buffer]) -> object:
    if isinstance(text, Path):
        return [_pack_text(str(text), buffers)]
    if len(text) <= _SHORT and text.isascii():
        return str(text)
    return _beside(text.encode("utf-8", "surrogatepass"), buffers)


def _beside(buffer: Buffer, buffers: list[Buffer]) -> dict[str, Any]:
    buffers.append(buffer)
    return {}


def _flat(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _unpack(kind: Any, tree: Any, buffers: Iterator[Buffer]) -> Any:
    """The value of this type that a tree stands for; BadMessage."""
    kind = _member(getattr(kind, "__supertype__", kind), tree)
    if type(tree) not in _forms(kind):
        raise BadMessage(f"{kind} as {type(tree).__name__}")
    try:
        return _read(kind, tree, buffers)
    except (TypeError, ValueError, StopIteration) as error:
        raise BadMessage(f"{kind}: {error}") from error


def _read(kind: Any, tree: Any, buffers: Iterator[Buffer]) -> Any:
    if is_dataclass(kind):
        hints = _hints(cast(Any, kind))
        names = [field.name for field in fields(kind)]
        parts = zip(names, tree, strict=True)
        read = {name: _unpack(hints[name], part, buffers) for name, part in parts}
        return cast(Any, kind)(**read)
    if get_origin(kind) is tuple:
        member, _ = get_args(kind)
        return tuple([_unpack(member, part, buffers) for part in tree])
    if get_origin(kind) is np.ndarray:
        return _read_array(kind, tree, next(buffers))
    return _read_plain(kind, tree, buffers)


def _read_plain(kind: Any, tree: Any, buffers: Iterator[Buffer]) -> Any:
    if kind is Path:
        (path,) = tree
        return Path(_unpack(str, path, buffers))
    if isinstance(tree, dict):
        data = bytes(next(buffers))
        return data if kind is bytes else data.decode("utf-8", "surrogatepass")
    return kind(tree) if _is_enumeration(kind) else tree


def _read_array(kind: Any, tree: dict[str, Any], buffer: Buffer) -> NDArray[Any]:
    dtype = np.dtype(get_args(get_args(kind)[1])[0])
    shape = tree.get("shape")
    if not isinstance(shape, list) or not 0 < len(shape) <= _MOST_DIMENSIONS:
        raise BadMessage("an array without a shape")
    if any(type(side) is not int or side < 0 for side in shape):
        raise BadMessage(f"an array of shape {shape}")
    if math.prod(shape) * dtype.itemsize != len(buffer):
        raise BadMessage(f"{len(buffer)} bytes for an array of shape {shape}")
    return np.frombuffer(buffer, dtype).reshape(shape)


def _member(kind: Any, tree: Any) -> Any:
    """The member of a union that travels in this form; any other type itself."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    for member in get_args(kind):
        if type(tree) in _forms(member):
            return member
    raise BadMessage(f"{kind} as {type(tree).__name__}")


def _forms(kind: Any) -> tuple[type, ...]:
    if is_dataclass(kind) or get_origin(kind) is tuple:
        return (list,)
    if get_origin(kind) is np.ndarray:
        return (dict,)
    return (str,) if _is_enumeration(kind) else _FORMS[kind]


def _is_enumeration(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


_hints = lru_cache(maxsize=None)(get_type_hints)
