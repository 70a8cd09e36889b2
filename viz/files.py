"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path

__all__ = ["replace"]


def replace(path: Path, content: bytes) -> Path:
    """Write beside the file, then put in its place; one that was there before stays until then.

    Raises
    ------
    OSError
        The file cannot be written there; nothing is left behind.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise type(error)(error.errno, error.strerror, str(path)) from None
    return path
