"""Functions made of functions, which go wherever the function that they are made of can go."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from operator import attrgetter
from types import FrameType, MethodType
from typing import Any

from autograd_core.wording.identifiers import printable

__all__ = ["Transformed", "Wrapper"]


class Wrapper:
    """What wraps a function: a method where it is defined in a class, and pickled where that function is.

    Parameters
    ----------
    f : function
    *settings : object
        What else it is made of.
    """

    def __init__(self, f: Callable[..., Any], *settings: Any) -> None:
        functools.update_wrapper(self, f)  # type: ignore[arg-type]
        self._made_of = f, *settings

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)  # type: ignore[arg-type]

    def __reduce__(self) -> Any:
        """Pickle by name, as functions are, what stands under it; anything else by what it is made of.

        That of a script or a notebook is found by name only where that runs: cloudpickle takes it along.
        """
        name = getattr(self, "__qualname__", "")
        try:
            found = attrgetter(name)(sys.modules[self.__module__])
        except (AttributeError, KeyError):
            found = None
        by_name = found is self and not (self.__module__ == "__main__" and _taken_along(sys._getframe(1)))
        return name if by_name else (type(self), self._made_of)


def _taken_along(pickling: FrameType) -> bool:
    """Whether cloudpickle asks, by itself or as a part of joblib; nothing else tells it from pickle."""
    return str(pickling.f_globals.get("__name__")).endswith("cloudpickle")


class Transformed(Wrapper):
    """A function whose derivative is taken, or that is treated otherwise, whenever it is called.

    Parameters
    ----------
    f : function
    transform : function
        ``transform(f, args, kwargs, *settings)`` answers a call.
    *settings : object
    """

    def __init__(self, f: Callable[..., Any], transform: Callable[..., Any], *settings: Any) -> None:
        super().__init__(f, transform, *settings)
        self._f, self._transform, self._settings = f, transform, settings

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer for these arguments."""
        return self._transform(self._f, args, kwargs, *self._settings)

    def __repr__(self) -> str:
        made_of = getattr(self, "__qualname__", None) or repr(self._f)
        return f"<{self._transform.__name__.strip('_')} of {printable(made_of)}>"
