"""Arrays in a zip archive, as `numpy.savez` writes it, read without trusting a byte of it.

What is read is never larger than the file: members must be stored, not compressed, and a header must claim
just as many bytes as follow it. Nothing is unpickled.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_core.wording.errors import DataError

__all__ = ["DTYPES", "decode", "encode", "from_bytes"]

Array = NDArray[Any]

DTYPES = {  # what a file may hold, by NumPy's code without the byte order
    dtype.str[1:]: dtype
    for dtype in map(np.dtype, ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"))
}

_MEMBER = struct.Struct("<4s5H3L2H")  # before the content of a member: name, size, checksum
_ENTRY = struct.Struct("<4s2B5H3L5H2L")  # the same in the directory at the end, and where the member is
_UTF_8, _1980, _UNIX, _ATTRIBUTES = 0x800, 0x21, 3, 0o600 << 16
_LARGEST, _BEHIND = 2**31 - 1, 2**32 - 1  # of a size in a header, and what says that it stands behind it
_END = b"PK\x05\x06"  # of the last record, 22 bytes long without a comment
_LONGEST_HEADER = 1000  # of what is given to the parser; 64 axes take less
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def encode(arrays: Mapping[str, Array]) -> bytes:
    """Write an archive; the same arrays give the same bytes.

    It is put together here and not by `zipfile`, which when Ctrl-C comes complains that a member is not
    finished, or loses it in a finaliser.

    Examples
    --------
    >>> decode(encode({"W": np.eye(2)}))["W"]
    array([[1., 0.],
           [0., 1.]])
    """
    members: list[bytes | memoryview] = []
    directory: list[bytes] = []
    start = 0
    for name, array in arrays.items():
        member, content = f"{name}.npy".encode(), io.BytesIO()
        np.lib.format.write_array(content, array, allow_pickle=False)
        values, n = content.getbuffer(), content.tell()
        (*sizes, at), extra = _fields(n, n, start)
        flags = 0 if member.isascii() else _UTF_8
        told = flags, 0, 0, _1980, zlib.crc32(values), *sizes, len(member)
        own = _fields(n, n)[1]
        head = _MEMBER.pack(b"PK\3\4", 45 if own else 20, *told, len(own)) + member + own
        members += [head, values]
        version = 45 if extra else 20
        entry = _ENTRY.pack(b"PK\1\2", version, _UNIX, version, *told, len(extra), 0, 0, 0, _ATTRIBUTES, at)
        directory += [entry, member, extra]
        start += len(head) + n
    return b"".join([*members, *directory, *_ending(len(arrays), sum(map(len, directory)), start)])


def _fields(*numbers: int) -> tuple[list[int], bytes]:
    """Sizes and places as a header has them, and the field behind it for those that are too large."""
    large = [n for n in numbers if n > _LARGEST]
    field = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    return [_BEHIND if n > _LARGEST else n for n in numbers], field


def _ending(count: int, size: int, start: int) -> Iterator[bytes]:
    """The last records: how many members there are, and where their directory is."""
    if count >= 0xFFFF or max(size, start) > _LARGEST:
        yield struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        yield struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    count = min(count, 0xFFFF)
    yield struct.pack("<4s4H2LH", _END, 0, 0, count, count, *_fields(size, start)[0], 0)


def decode(data: bytes) -> dict[str, Array]:
    """Read an archive: arrays of their own, in the machine's byte order, C-contiguous.

    Raises
    ------
    DataError
        It is cut off, damaged, compressed or encrypted, a name comes twice, or a member is not a .npy array
        of one of `DTYPES`.

    Examples
    --------
    >>> decode(b"PK")
    Traceback (most recent call last):
    autograd_core.DataError: not a whole .npz file: cut off, extended or something else
    """
    if data[-22:-18] != _END:
        raise DataError("not a whole .npz file: cut off, extended or something else")
    return {name.removesuffix(".npy"): _array(name, content) for name, content in _members(data).items()}


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check(members, len(data))
            return {member.filename: archive.read(member) for member in members}
    except DataError:
        raise
    except Exception as error:  # zipfile meets damage with whatever its step raises
        raise DataError(f"the archive is damaged: {error}") from None


def _check(members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse, before anything is read, what would be more than the file holds."""
    seen = set()
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED:
            raise DataError(
                f"{member.filename!r} is compressed; numpy.savez writes the same arrays uncompressed"
            )
        if not member.filename.endswith(".npy"):
            raise DataError(f"{member.filename!r} is no array: each member must be called NAME.npy")
        if member.filename in seen:
            raise DataError(f"{member.filename!r} comes twice")
        seen.add(member.filename)
    claimed = sum(member.file_size for member in members)
    if claimed > size:
        raise DataError(f"its members claim {claimed} bytes, but the whole file has {size}")


def _array(name: str, content: bytes) -> Array:
    """Read one member: NumPy reads the header, the values are copied once their number is known to fit."""
    stream = io.BytesIO(content)
    try:
        read = _HEADERS[np.lib.format.read_magic(stream)]
    except (KeyError, ValueError):
        raise DataError(f"{name!r} is no .npy array: it begins with {content[:8]!r}") from None
    try:
        shape, fortran, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    except Exception:  # what Python's parser of literals may raise is not documented
        raise DataError(f"{name!r} has a header that cannot be read: {content[8:88]!r}") from None
    if dtype.str[1:] not in DTYPES:
        raise DataError(
            f"{name!r} has the dtype {dtype.str!r}; there may be float16, float32, float64, integers and bool"
        )
    return from_bytes(name, memoryview(content)[stream.tell() :], dtype, shape, "F" if fortran else "C")


def from_bytes(
    name: str, values: Any, dtype: np.dtype[Any], shape: tuple[int, ...], order: Any = "C"
) -> Array:
    r"""Copy bytes into an array of `shape`, in the machine's byte order.

    Raises
    ------
    DataError
        The shape does not fit the bytes, or no array can have it.

    Examples
    --------
    >>> from_bytes("b", b"\x00\x01", np.dtype(">i2"), (1,))
    array([1], dtype=int16)
    """
    wanted = math.prod(shape) * dtype.itemsize
    if len(values) != wanted:
        raise DataError(f"{name!r} claims the shape {shape}, {wanted} bytes, but {len(values)} follow")
    stored = np.dtype("u1") if dtype.kind == "b" else dtype  # any byte but 0 is True
    try:
        return np.ndarray(shape, stored, values, order=order).astype(dtype.newbyteorder("="), order="C")
    except (ValueError, OverflowError):
        raise DataError(f"{name!r} claims the shape {shape}, which no array can have") from None
