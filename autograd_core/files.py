"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from glob import escape
from pathlib import Path

__all__ = ["remove_unfinished", "replace"]


def replace(path: Path, content: bytes) -> Path:
    """Write beside the file, then put in its place; one that was there before stays until then.

    The content is on the disk before the name points at it, so that a crash leaves the old file or the new
    one. A symbolic link is followed: it stays, and what it points at is replaced.

    Raises
    ------
    OSError
        The file cannot be written there, or what is there is no regular file; nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException as error:  # also Ctrl-C
        with contextlib.suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(path)) from None
        raise
    _flush(target.parent)
    return path


def remove_unfinished(path: Path) -> None:
    """Remove what a process that was killed while it replaced a file has left beside it.

    Only for a file that no other process is writing.
    """
    target = Path(os.path.realpath(path))
    for beside in target.parent.glob(f".{escape(target.name)}.*.tmp"):
        with contextlib.suppress(OSError):
            beside.unlink()


def _flush(folder: Path) -> None:
    """Bring the new name to the disk too, where the system can; the file is whole either way."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
