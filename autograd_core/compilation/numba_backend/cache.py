"""Compiled programs, kept on disk for the next process.

Whatever process a program runs in, its machine code is loaded: one that has just compiled it loads what it
kept. The code is not the same otherwise. Numba compiles each of the functions that a program calls by itself,
and again as a part of the program; where both are in one linker, the first is called, while a process that
loads the program has the second alone, and there loops may add up in another order. So what is loaded has a
linker of its own, in which nothing is compiled.
"""

# Numba's own types do not know what it keeps.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import inspect
import os
import pickle
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from autograd_core.system import files

__all__ = ["loaded"]

_SEAL = hashlib.sha256().digest_size
_kernels: WeakValueDictionary[str, Any] = WeakValueDictionary()
_latest: deque[Any] = deque(maxlen=64)  # of the kernels, which nobody else may hold any more


def loaded(source: str) -> ModuleType:
    """Give the module of a text, compiled, with its function `kernel`; the same text has the same kernel.

    Where nothing can be kept, or what was kept cannot be used, it is compiled for this process alone.
    """
    name = f"autograd_core_program_{_fingerprint(source)}"
    kernel = _kernels.get(name)
    if kernel is None:
        with importlib.import_module("numba.core.compiler_lock").global_compiler_lock:
            kernel = _kernels[name] = _kernels.get(name) or _found(name) or _made(name, source)
    _latest.append(kernel)
    module = ModuleType(name)
    module.kernel = kernel  # type: ignore[attr-defined]
    return module


def _fingerprint(source: str) -> str:
    """What the machine code depends on, in one word."""
    return hashlib.sha256(f"{source}\0{_surroundings()}".encode()).hexdigest()[:32]


@functools.cache
def _surroundings() -> str:
    names = ["fast_math", "pointers"]
    ours = [importlib.import_module(f"{__package__}.{name}") for name in names]
    versions = [importlib.import_module(name).__version__ for name in ("numba", "llvmlite")]
    processor = _linker().codegen().magic_tuple()
    return "\0".join([*map(inspect.getsource, ours), *versions, sys.version, np.__version__, str(processor)])


@functools.cache
def _linker() -> Any:
    """What machine code is loaded by."""
    registry = importlib.import_module("numba.core.registry")
    context = importlib.import_module("numba.core.cpu").CPUContext(registry.cpu_target.typing_context)
    context.refresh()
    return context


def _made(name: str, source: str) -> Any:
    """Compile a program, keep it, and load what is kept."""
    with _importable(name) as module:
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    try:
        [compiled] = module.kernel.overloads.values()
        data = importlib.import_module("numba.core.serialize").dumps(compiled._reduce())
        kernel = _linked(name, data)
    except Exception:  # another Numba, which keeps it in another way
        return module.kernel
    with contextlib.suppress(OSError):
        files.replace(_folder() / f"{name}.code", _seal(name, data) + data)
    return kernel


def _found(name: str) -> Any:
    """Load a program that was kept; None if there is none, or anything about it is not as it should be."""
    try:
        with (_folder() / f"{name}.code").open("rb") as file:
            content = file.read() if _is_own(os.fstat(file.fileno())) else b""
        seal, data = content[:_SEAL], content[_SEAL:]
        return _linked(name, data) if seal == _seal(name, data) else None
    except Exception:  # it shows again when it is compiled, unless what was kept is the matter
        return None


def _seal(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + data).digest()


def _linked(name: str, data: bytes) -> Any:
    """Load machine code, and make the function of it that sees for itself that arguments fit."""
    numba, compiler = map(importlib.import_module, ["numba", "numba.core.compiler"])
    with _importable(name):
        compiled = compiler.CompileResult._rebuild(_linker(), *pickle.loads(data))
    names = ", ".join(f"x{k}" for k in range(len(compiled.signature.args)))
    known: dict[str, Any] = {}
    exec(f"def kernel({names}): pass", known)
    kernel = numba.njit(known["kernel"])
    kernel.add_overload(compiled)
    kernel.disable_compile()
    return kernel


@contextlib.contextmanager
def _importable(name: str) -> Iterator[ModuleType]:
    """Make a module that Numba finds by its name as long as the context lasts."""
    sys.modules[name] = module = ModuleType(name)
    try:
        yield module
    finally:
        sys.modules.pop(name, None)


def _folder() -> Path:
    """Find the folder, which is nobody else's, or make it.

    Raises
    ------
    OSError
        It cannot be made, or belongs to somebody else.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograd-core"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if not _is_own(status):
        raise PermissionError(f"{folder} belongs to somebody else")
    if os.name == "posix" and status.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _is_own(status: os.stat_result) -> bool:
    return os.name != "posix" or status.st_uid == os.geteuid()
