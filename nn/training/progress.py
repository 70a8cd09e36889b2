"""A bar that shows how far a training is, its cost and its speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

__all__ = ["bar"]


@contextmanager
def bar(steps: int, done: int, wanted: bool) -> Iterator[Callable[[float, int], None]]:
    """Offer a function of a step's cost and number of examples; without tqdm it does nothing.

    Parameters
    ----------
    steps, done : int
        All told, and before the start.
    wanted : bool
    """
    if not wanted or find_spec("tqdm") is None:
        yield lambda _cost, _examples: None
        return
    from tqdm import tqdm  # an optional extra

    with tqdm(total=max(steps, done), initial=done, desc="fit", unit=" steps", dynamic_ncols=True) as shown:
        start, examples = time.perf_counter(), 0

        def tick(cost: float, m: int) -> None:
            nonlocal examples
            examples += m
            speed = examples / max(time.perf_counter() - start, 1e-9)
            shown.set_postfix_str(f"J = {cost:.4f}, {speed:,.0f} examples/s", refresh=False)
            shown.update()

        yield tick
