"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

from autograd_core.wording.errors import OptionError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["as_path", "held", "replace"]


def as_path(path: Any, caller: str) -> Path:
    """Take the path of a file.

    Raises
    ------
    OptionError
        Something that is none.

    Examples
    --------
    >>> as_path("net.npz", "save").suffix
    '.npz'
    """
    try:
        return Path(os.fspath(path))
    except TypeError:
        raise OptionError(f"{caller}: the path is {path!r:.60}, wanted a text or a pathlib.Path") from None


def replace(path: Path, content: bytes) -> Path:
    """Write beside the file, then put in its place; one that was there before stays until then.

    The content is on the disk before the name points at it, so that a crash leaves the old file or the new
    one. A symbolic link is followed: it stays, and what it points at is replaced. The permissions of a file
    that was there are kept, with its owner and group where the system allows that; a new one has the usual.

    Raises
    ------
    OSError
        The file cannot be written there, or what is there is no regular file; nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    before = target.stat() if target.exists() else None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    beside = target.with_name(f".{_short(target)}.{secrets.token_hex(8)}.tmp")
    file = None
    try:
        file = _created(beside, 0o666 if before is None else 0o600)
        file.write(content)
        file.flush()
        if before is not None:
            _permit(file.fileno(), before)
        os.fsync(file.fileno())
        file.close()
        beside.replace(target)
    except BaseException as error:  # also Ctrl-C, and in the moment before `with` would close the file
        with contextlib.suppress(OSError):
            if file is not None:
                file.close()
        _remove(beside)
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(path)) from None
        raise
    _flush(target.parent)
    return path


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Keep a file to oneself among those who ask so, in this process and others: false if somebody has it.

    What a process that was killed while it replaced the file has left beside it is removed. Whoever dies lets
    go of the file; where the system cannot lock files, everybody is told true, and nothing is removed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "run.npz")
    ...     with held(path) as mine, held(path) as other:
    ...         mine, other
    (True, False)
    """
    target = Path(os.path.realpath(path))
    sign = target.with_name(f".{_short(target)}.lock")
    while True:
        file = _opened(sign)
        if file is None:
            yield True
            return
        with file:
            free = None
            try:
                free = _locked(file)
                if free and not _is_there(file, sign):  # taken away by somebody who has just let go of it
                    continue
                if free:
                    for beside in target.parent.glob(f".{escape(_short(target))}.*.tmp"):
                        _remove(beside)
                yield free is not False
            finally:
                if free is not False and _locked(file) is not False and _is_there(file, sign):
                    _remove(sign)
        if sys.platform == "win32":  # where nothing is removed that is open, here or elsewhere
            _remove(sign)
        return


def _short(target: Path) -> str:
    """As much of a file's name as tells what belongs to it, and leaves room for more."""
    return os.fsdecode(os.fsencode(target.name)[:200])


def _created(path: Path, mode: int) -> BinaryIO:
    """Open a file that is new."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))


def _opened(path: Path) -> BinaryIO | None:
    """Open a file to lock; where that cannot be, what it stands for can hardly be written either."""
    try:
        return path.open("ab")
    except OSError:
        return None


def _permit(descriptor: int, before: os.stat_result) -> None:
    """Give a file the owner, group and permissions of another; none to a group that it cannot have."""
    if sys.platform == "win32":
        return
    mode = before.st_mode & 0o777
    with contextlib.suppress(OSError):  # as a rule only root may
        os.fchown(descriptor, before.st_uid, -1)
    try:
        os.fchown(descriptor, -1, before.st_gid)
    except OSError:
        mode &= ~stat.S_IRWXG
    with contextlib.suppress(OSError):  # some file systems have no permissions
        os.fchmod(descriptor, mode)


def _locked(file: BinaryIO) -> bool | None:
    """Lock a file as long as it is open: false if it is locked already, None if there is no such thing."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK) else None
    return True


def _is_there(file: BinaryIO, path: Path) -> bool:
    """Whether a path still leads to a file that is open."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


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
