"""Packages that only some functions need."""

from __future__ import annotations

import importlib
from typing import Any

from autograd_core.wording.errors import OptionError

__all__ = ["required"]


def required(module: str, extra: str, purpose: str) -> Any:
    """Import a module of an optional package.

    Raises
    ------
    OptionError
        It is not installed; the message says how to get it.

    Examples
    --------
    >>> required("json", "demo", "JSON").dumps([1])
    '[1]'
    >>> required("no_such_module", "demo", "a .demo file")
    Traceback (most recent call last):
    autograd_core.OptionError: a .demo file needs the package no_such_module, which is not installed:
    run `pip install "autograd-core[demo]"`
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise OptionError(
            f"{purpose} needs the package {module.split('.')[0]}, which is not installed: run "
            f'`pip install "autograd-core[{extra}]"`'
        ) from None
