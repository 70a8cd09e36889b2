"""Keep freed memory for the next pass instead of handing it back to the system.

The C library of Linux maps a large array afresh each time and returns it when it is freed, and the next pass
pays for every page again; a pass frees a whole graph at once. Having seen one block of 32 MB come and go, it
serves arrays up to that size from its own heap and keeps up to 64 MB there. The block is never touched, so
it costs neither memory nor time; other systems are indifferent to it. What has needed much memory once, and
will not again, gives it back.
"""

from __future__ import annotations

import ctypes
import sys

import numpy as np

__all__ = ["give_back_freed_blocks", "keep_freed_blocks"]

_LARGEST_BLOCK = 2**25 - 2**13  # bytes; just below the largest that glibc's threshold follows


def keep_freed_blocks() -> None:
    """Show the allocator one large block; see the text above."""
    np.empty(_LARGEST_BLOCK, np.uint8)


def give_back_freed_blocks() -> None:
    """Hand what is free to the system, where the allocator is one that keeps it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not every C library has it
        if trim is not None:
            trim(0)
