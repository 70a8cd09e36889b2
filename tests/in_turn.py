"""A law of one case as one test for each operation: hundreds of items for pytest, not thousands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps

import numpy as np
import pytest


def each(names: str, values: Iterable) -> Callable[[Callable], Callable]:
    """Let a test of a case, and of what else `names` says, try all of an operation's cases in turn.

    Each case has its own random numbers, as the fixture `rng` would give them, and a failure says in which it
    came.

    Parameters
    ----------
    names : the parameters that are given, "case" the first of them
    values : a case of the operation table, or a tuple of one and the values of the other parameters
    """
    keys = names.split(", ")
    groups: dict[str, list[tuple]] = {}
    for value in values:
        given = value if isinstance(value, tuple) else (value,)
        groups.setdefault(given[0].row.op, []).append(given)

    def decorate(law):
        draws = "rng" in inspect.signature(law).parameters

        @pytest.mark.parametrize("operation", groups)
        @wraps(law)
        def test(operation):
            for given in groups[operation]:
                fresh = {"rng": np.random.default_rng(0)} if draws else {}
                try:
                    law(**dict(zip(keys, given, strict=True)), **fresh)
                except BaseException as error:
                    error.add_note(f"in {', '.join(map(str, given))}")
                    raise

        test.__signature__ = inspect.Signature(
            [inspect.Parameter("operation", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        )
        return test

    return decorate
