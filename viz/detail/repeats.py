"""What comes several times in a row: the steps of an unrolled loop, the like layers of a network."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["Repeat", "repeats"]


class Repeat(NamedTuple):
    """A stretch of a sequence that holds the same `length` tokens `times` times."""

    start: int
    length: int
    times: int

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.start + self.length * self.times


def repeats(tokens: Sequence[Hashable], least: int) -> Iterator[Repeat]:
    """Find what is repeated, from left to right; no two of them overlap.

    The last occurrence of what stands here, of one token and of 2, 4, 8, ... in a row, suggests the
    period. As each stretch is looked at once for a period, the time grows little faster than the
    sequence, not with its square.

    Parameters
    ----------
    tokens : sequence
    least : int
        How often something has to come, at least twice.

    Examples
    --------
    >>> list(repeats("xabcabcabcaay", 3))
    [Repeat(start=1, length=3, times=3)]
    """
    windows = list(_windows(tokens))
    last: list[dict[int, int]] = [{} for _ in windows]
    looked_at: dict[int, int] = {}  # up to where, for each period
    done = 0
    for at in range(len(tokens)):
        if at < done:
            continue
        for ids, before in zip(windows, last, strict=True):
            if at >= len(ids):
                break
            length = at - before.get(ids[at], at)
            before[ids[at]] = at
            if at - length < done or not length or at < looked_at.get(length, 0):
                continue
            start, looked_at[length] = _stretch(tokens, at - length, length, done)
            times = (looked_at[length] - start) // length
            if times >= least:
                yield (found := Repeat(start, length, times))
                done = found.stop
                break


def _windows(tokens: Sequence[Hashable]) -> Iterator[list[int]]:
    """Number what stands at each place, equal if equal: one token, then 2, 4, 8, ... in a row."""
    known: dict[Hashable, int] = {}
    ids = [known.setdefault(token, len(known)) for token in tokens]
    width = 1
    while len(known) < len(ids):  # something comes again
        yield ids
        pairs: dict[Hashable, int] = {}
        ids = [pairs.setdefault(pair, len(pairs)) for pair in zip(ids, ids[width:])]
        known, width = pairs, 2 * width


def _stretch(tokens: Sequence[Hashable], at: int, length: int, done: int) -> tuple[int, int]:
    """Follow a period to both sides as far as it holds."""
    start, stop = at, at + length
    while start > done and tokens[start - 1] == tokens[start - 1 + length]:
        start -= 1
    while stop < len(tokens) and tokens[stop] == tokens[stop - length]:
        stop += 1
    return start, stop
