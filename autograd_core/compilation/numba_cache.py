"""Compiled programs, kept on disk for the next process."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from autograd_core import files

__all__ = ["loaded"]


def loaded(source: str) -> ModuleType:
    """Import a module from a file named after its text, next to which Numba keeps what it compiles.

    Where nothing can be kept, or what was kept cannot be read, it is compiled for this process alone.
    """
    name = f"autograd_core_program_{_fingerprint(source)}"
    with contextlib.suppress(Exception):  # it shows again below, unless what was kept is the matter
        return _imported(name, _written(name, source))
    module = ModuleType(name)
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module


def _fingerprint(source: str) -> str:
    """What the machine code depends on, in one word."""
    fast_math, numba, pointers = map(
        importlib.import_module,
        ["autograd_core.compilation.fast_math", "numba", "autograd_core.compilation.pointers"],
    )
    texts = [source, inspect.getsource(fast_math), inspect.getsource(pointers)]
    texts += [sys.version, np.__version__, numba.__version__]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _written(name: str, source: str) -> Path:
    """Find the file, or write it."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograd-core"
    path = folder / f"{name}.py"
    content = source.encode()
    if not path.exists() or path.read_bytes() != content:
        folder.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)
    return path


def _imported(name: str, path: Path) -> ModuleType:
    """Import a file, and enter it where Numba looks for it."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
