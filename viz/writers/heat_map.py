"""Arrays as small pictures in two colours: blue above zero, vermillion below, clear at zero.

The colours are more or less transparent, so that one picture suits a light and a dark page. It is a
palette PNG of one pixel an entry, as a ``data:`` address.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from typing import Any

import numpy as np

__all__ = ["heat_map"]

_STEPS = 8
_BLUE, _VERMILLION, _GREY = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x80, 0x80, 0x80)
_NOT_FINITE = 2 * _STEPS + 1
_COLOURS = bytes((0, 0, 0, *(_BLUE * _STEPS), *(_VERMILLION * _STEPS), *_GREY))
_SCALE = bytes(255 * step // _STEPS for step in range(1, _STEPS + 1))
_OPACITIES = b"\x00" + _SCALE + _SCALE + b"\xff"


def heat_map(values: Any) -> str:
    """Draw a matrix as a ``data:`` address of a PNG.

    Parameters
    ----------
    values : (rows, columns)
        With at least one entry. The largest absolute value gets the full colour; what is not finite is grey.

    Examples
    --------
    >>> heat_map([[1.0, -1.0]])[:28]
    'data:image/png;base64,iVBORw'
    """
    x = np.asarray(values, dtype=float)
    finite = np.isfinite(x)
    size = np.where(finite, np.abs(x), 0.0)
    largest = size.max() or 1.0
    step = np.ceil(size / largest * _STEPS)
    pixels = np.where(finite, step + _STEPS * ((x < 0) & (step > 0)), _NOT_FINITE).astype(np.uint8)
    return f"data:image/png;base64,{b64encode(_png(pixels)).decode()}"


def _png(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    rows, columns = pixels.shape
    lines = np.hstack([np.zeros((rows, 1), np.uint8), pixels])  # each line starts with its filter: none
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    chunks = {b"IHDR": head, b"PLTE": _COLOURS, b"tRNS": _OPACITIES}
    chunks |= {b"IDAT": zlib.compress(lines.tobytes(), 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks.items())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
