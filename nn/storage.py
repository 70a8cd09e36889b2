"""Named arrays, and a few words about them, in a file: `.safetensors` or `.npz`.

A file is written whole or not at all, and read with suspicion: a damaged, truncated or hostile one is refused
before anything is made of it. Next to the words stands a SHA-256 of everything, so that not a bit of a weight
changes unnoticed; files from elsewhere have none, and are read without.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_core.system.extras import required
from autograd_core.system.files import as_path, replace
from autograd_core.wording.errors import DataError, DtypeError, unknown_option
from autograd_core.wording.identifiers import printable
from nn import npz

__all__ = ["Bundle", "naming", "read", "read_npz_arrays", "write"]

Array = NDArray[Any]

_ABOUT = "__about__"  # the member of an .npz file that holds the words
_LONGEST = 10_000  # of a name
_RESERVED = (_ABOUT, "__metadata__")


class Bundle(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    arrays : dict of str to array
    about : dict
        What JSON can say; empty for a file from elsewhere.
    """

    arrays: dict[str, Array]
    about: dict[str, Any]


def write(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], about: Mapping[str, Any] | None = None
) -> Path:
    """Write arrays to a file, in the format that its suffix says: .safetensors or .npz.

    The same arrays and words give the same bytes. A symbolic link is followed.

    Parameters
    ----------
    path : path of the file
    arrays : mapping of names to arrays
        float16, float32, float64, integers or bool, of any shape and order.
    about : mapping, optional
        What JSON can say; tuples come back as lists.

    Raises
    ------
    OptionError
        There is no such format, or the package for it is not installed.
    DtypeError
        An array holds something else.
    DataError
        A name that no file should have, or `about` cannot be written as JSON.
    OSError
        The file cannot be written there. After any error an old file is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(Path(folder) / "weights.npz", {"W": np.ones((1, 2))}, {"epoch": 3})
    ...     read(path)
    Bundle(arrays={'W': array([[1., 1.]])}, about={'epoch': 3})
    """
    to = as_path(path, "nn.save and nn.load")
    form = _format(to)
    plain = {_allowed(name): _plain(name, array) for name, array in arrays.items()}
    try:
        said = json.loads(json.dumps(dict(about or {}), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{printable(to.name)}: `about` cannot be written as JSON: {error}") from None
    return replace(to, form.encode(plain, json.dumps({"about": said, "sha256": _digest(plain, said)})))


def read(path: str | os.PathLike[str]) -> Bundle:
    """Read a file that `write` wrote, or a .safetensors or .npz file from elsewhere.

    Arrays are in the machine's byte order, C-contiguous and their own masters.

    Raises
    ------
    OptionError
        There is no such format, or the package for it is not installed.
    DataError
        The file is damaged, cut off, compressed, holds something else than numbers, or is no regular file;
        the message says what was found.
    OSError
        There is no such file, or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "weights.npz"
    ...     _ = path.write_bytes(write(path, {"W": np.ones(3)}).read_bytes()[:-1])
    ...     read(path)
    Traceback (most recent call last):
    autograd_core.DataError: weights.npz: not a whole .npz file: cut off, extended or something else
    """
    return _read(as_path(path, "nn.save and nn.load"), _format(as_path(path, "nn.save and nn.load")))


def read_npz_arrays(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read the arrays of an .npz file, whatever it is called; raises as `read` does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(Path(folder) / "data.npz", X=np.ones((1, 2)))
    ...     read_npz_arrays(Path(folder) / "data.npz")
    {'X': array([[1., 1.]])}
    """
    return _read(as_path(path, "nn.save and nn.load"), _FORMATS[".npz"]).arrays


def _read(path: Path, form: _Format) -> Bundle:
    if path.exists() and not path.is_file():
        raise DataError(f"{printable(path.name)}: a folder or a device, wanted a regular file")
    with naming(path):
        try:
            arrays, words = form.decode(path.read_bytes())
        except MemoryError:
            raise DataError(f"{path.stat().st_size} bytes are more than memory can hold") from None
        for name in arrays:
            _allowed(name)
        return Bundle(arrays, {} if words is None else _about(arrays, words))


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the name of the file before the message of a DataError.

    Examples
    --------
    >>> with naming("folder/net.npz"):
    ...     raise DataError("cut off")
    Traceback (most recent call last):
    autograd_core.DataError: net.npz: cut off
    """
    try:
        yield
    except DataError as error:
        raise DataError(f"{printable(as_path(path, 'nn.save and nn.load').name)}: {error}") from None


def _about(arrays: dict[str, Array], words: str) -> dict[str, Any]:
    """Take the words out of their envelope, if the seal is whole."""
    try:
        match json.loads(words):
            case {"about": dict(about), "sha256": str(seal)} if seal == _digest(arrays, about):
                return about
    except (ValueError, RecursionError):
        pass
    raise DataError(
        "the checksum does not fit: the file was damaged or changed after it was written; take another copy"
    )


def _digest(arrays: Mapping[str, Array], about: dict[str, Any]) -> str:
    """SHA-256 of the words, of names, dtypes and shapes, and of every value."""
    names = sorted(arrays)
    told = [(name, arrays[name].dtype.name, arrays[name].shape) for name in names]
    digest = hashlib.sha256(json.dumps([about, told], allow_nan=False).encode())
    for name in names:
        little = arrays[name].dtype.newbyteorder("<")
        digest.update(arrays[name].astype(little, copy=False).data)
    return digest.hexdigest()


def _allowed(name: object) -> str:
    """Refuse a name that some program that unpacks files could stumble over."""
    bad = (
        not isinstance(name, str)
        or not name.isprintable()
        or name in ("", *_RESERVED)
        or len(name) > _LONGEST
        or name.startswith("/")
        or "\\" in name
        or ".." in name.split("/")
    )
    if bad:
        raise DataError(
            f"{name!r:.200} is no name for an array: a text like 'W[1]' or 'training/t' is wanted"
        )
    return name  # type: ignore[return-value]


def _plain(name: str, array: Any) -> Array:
    """The array as it is stored: the machine's byte order, C order."""
    taken = np.asarray(array)
    if taken.dtype.str[1:] not in npz.DTYPES:
        raise DtypeError(
            f"{name!r} is {taken.dtype}; files hold float16, float32, float64, integers and bool"
        )
    return taken.astype(taken.dtype.newbyteorder("="), order="C", copy=False)


# The two formats: from arrays and words to bytes, and back.


class _Format(NamedTuple):
    encode: Callable[[dict[str, Array], str], bytes]
    decode: Callable[[bytes], tuple[dict[str, Array], str | None]]


def _npz_bytes(arrays: dict[str, Array], words: str) -> bytes:
    return npz.encode({**arrays, _ABOUT: np.frombuffer(words.encode(), np.uint8)})


def _npz_content(data: bytes) -> tuple[dict[str, Array], str | None]:
    arrays = npz.decode(data)
    words = arrays.pop(_ABOUT, None)
    return arrays, None if words is None else words.tobytes().decode("utf-8", "replace")


def _safetensors_bytes(arrays: dict[str, Array], words: str) -> bytes:
    library = required("safetensors.numpy", "safetensors", "a .safetensors file")
    return library.save(arrays, {"about": words})  # type: ignore[no-any-return]


def _safetensors_content(data: bytes) -> tuple[dict[str, Array], str | None]:
    library = required("safetensors", "safetensors", "a .safetensors file")
    try:
        parts = dict(library.deserialize(data))
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")], object_pairs_hook=_once)
    except (library.SafetensorError, ValueError, RecursionError) as error:
        raise DataError(f"not a whole .safetensors file: {error}") from None
    words = (header.pop("__metadata__", None) or {}).get("about")
    return {name: _tensor(name, **parts[name]) for name in header}, words


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make the dict of a JSON object, in which no key may come twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise DataError(f"a name comes twice among {', '.join(repr(key) for key, _ in pairs[:20])}")
    return made


def _tensor(name: str, dtype: str, shape: list[int], data: bytearray) -> Array:
    if dtype not in _TENSOR_DTYPES:
        raise DataError(
            f"{name!r} is of the type {dtype}; there may be float16, float32, float64, integers and bool"
        )
    return npz.from_bytes(name, data, _TENSOR_DTYPES[dtype].newbyteorder("<"), tuple(shape))


_TENSOR_DTYPES = {
    "BOOL" if code == "b1" else f"{code[0].upper()}{8 * int(code[1])}": dtype
    for code, dtype in npz.DTYPES.items()
}

_FORMATS = {
    ".npz": _Format(_npz_bytes, _npz_content),
    ".safetensors": _Format(_safetensors_bytes, _safetensors_content),
}


def _format(path: Path) -> _Format:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise unknown_option("format", path.suffix, _FORMATS) from None
