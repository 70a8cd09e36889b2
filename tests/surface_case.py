"""What a call of the public surface may come to: a result, or an error that says what is wrong with the call.

    python tests/surface_case.py [--calls 20000] [--seed 0]

writes calls, makes them, and prints each that came to something else, with the error; the exit status is 1
then.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import functools
import io
import math
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.special
from surface_calls import draw, numpy_name, targets

import autograd_core as ag
import nn
import viz
from autograd_core.differentiation.protocols import RECORDED
from nn.targets import _classifying

SECONDS = 2.0


# What the calls are made of


def _tensor(data: Any, dtype: Any = float) -> ag.Tensor:
    return ag.Tensor(np.array(data, dtype), requires_grad=True, name="a")


def _cost() -> ag.Tensor:
    return (ag.tanh(_tensor([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]])) ** 2).sum()


def _unnamed() -> ag.Tensor:
    x = ag.Tensor(np.ones(3), requires_grad=True)
    return (x * x).sum()


def _net() -> nn.Sequential:
    return nn.Sequential(nn.Dense(4, 2, "relu", rng=0), nn.Dense(2, 3, "softmax", rng=1))


def _grads() -> Any:
    net = _net()
    nn.costs.cross_entropy(net(np.ones((4, 5))), np.eye(3)[:, [0, 1, 2, 0, 1]]).backward()
    return net.gradients()


def _enter(scope: Any) -> Any:
    with scope:
        return ag.sum(_tensor([1.0, 2.0]) * 2.0)


def _with_rule(given: Any, sweep: str) -> Any:
    """An operation of a user whose rules give this, whatever it is."""

    @ag.primitive(vjps=[lambda *_: given], jvps=[lambda *_: given])
    def kept(x: Any) -> Any:
        return x + 0.0

    x = np.ones(3)
    return ag.grad(lambda x: ag.sum(kept(x)))(x) if sweep == "pull" else ag.jvp(kept, [x], [x])


class _Forms:
    """A layer that nobody has made."""


WORLD: dict[str, Any] = {
    "ag": ag,
    "nn": nn,
    "np": np,
    "viz": viz,
    "math": math,
    "scipy": scipy,
    "T": _tensor,
    "C": lambda data: ag.Tensor(data, name="c"),
    "other": _cost,
    "unnamed": _unnamed,
    "net": _net,
    "narrow": lambda: nn.Sequential(nn.Dense(4, 1, "sigmoid", rng=0)),
    "nan": lambda: np.full((4, 5), np.nan),
    "forms": _Forms,
    "grads": _grads,
    "square": lambda x: ag.sum(x * x),
    "cubes": lambda x: x**3,
    "pair": lambda x: (ag.sum(x), {"y": x * 2.0}),
    "count": lambda *xs: float(len(xs)),
    "enter": _enter,
    "pulled": functools.partial(_with_rule, sweep="pull"),
    "pushed": functools.partial(_with_rule, sweep="push"),
    "given": None,
    "kept": lambda x: x,
}
# The same for NumPy alone, where every tensor is the array of its values.
PLAIN_WORLD = WORLD | {"T": lambda data, dtype=float: np.array(data, dtype), "C": np.array}
PLAIN_WORLD["other"] = lambda: _cost().value

TWINS = {
    f"ag.{operation.__name__}": numpy_name(f)
    for f, operation in RECORDED.items()
    if f.__name__ == operation.__name__
}
TWINS |= {name: name for name in map(numpy_name, RECORDED)}
TWINS |= {f"ag.linalg.{name}": f"np.linalg.{name}" for name in dir(ag.linalg) if hasattr(np.linalg, name)}


# Making one call


class Outcome(NamedTuple):
    """What a call came to."""

    result: Any
    error: BaseException | None
    warned: list[str]


class _TooLong(BaseException):
    pass


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of this process: that others are busy is no fault
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def made(text: str, world: dict[str, Any] = WORLD) -> Outcome:
    """Make a call, in silence."""
    result = error = None
    silence = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="ignore"), silence[0], silence[1]:
        warnings.simplefilter("always")
        try:
            with _limited():
                result = eval(text, dict(world))
        except BaseException as caught:
            if isinstance(caught, KeyboardInterrupt):
                raise
            error = caught
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    del _classifying[_CLASSIFYING:]  # a call may have marked a cost, and what is marked stays so
    told = [f"{type(w.message).__name__}: {w.message}" for w in heard if w.category not in _SAID]
    return Outcome(result, error, told)


_CLASSIFYING = len(_classifying)
_SAID = (UserWarning, PendingDeprecationWarning)  # by us on purpose; by NumPy, when it makes a matrix


# Judging it

_PYTHONS = re.compile(
    r"missing \d+ required|missing a required argument|too many positional|unexpected keyword argument|"
    r"positional argument|multiple values for|takes no arguments|unsupported operand type|bad operand type|"
    r"not supported between instances|positional-only|takes no keyword|required positional"
)


def fault(text: str) -> str | None:
    """Make a call and say what is wrong with what it came to, if anything."""
    outcome = made(text)
    target = text.partition("(")[0]
    if not target.startswith(("ag.", "nn.", "viz.")) and not _TENSORS.search(text):
        return None  # nothing of this is ours
    twin = None
    if target in TWINS or target in ("T", "C") or not re.match(r"[\w.]+\(", text):
        twin = made(text.replace(target, TWINS[target], 1) if target in TWINS else text, PLAIN_WORLD)
        twin = None if isinstance(twin.error, TypeError) and _PYTHONS.search(str(twin.error)) else twin
    if outcome.error is not None:
        return _wrong_error(text, outcome.error, twin)
    unheard = {text for text in outcome.warned if "Degrees of freedom <= 0" not in text}
    unheard -= set(twin.warned if twin else ())
    if unheard:
        return f"warned from inside: {unheard.pop()}"
    if _objects(outcome.result) and not (twin and _objects(twin.result)):
        return f"made objects: {outcome.result!r:.80}"
    return wrong_result(text, outcome.result, twin) if twin else None


_ALSO_OF_ARRAYS = (  # said of arrays by NumPy in the same words
    "only 0-dimensional arrays can be converted to Python scalars",
    "can only convert an array of size 1 to a Python scalar",
)
_TENSORS = re.compile(r"\b(T|C|other|unnamed|net|narrow|enter|pulled|pushed)\(")


def _wrong_error(text: str, error: BaseException, twin: Outcome | None) -> str | None:
    said = str(error)
    if isinstance(error, _TooLong):
        return None if twin and isinstance(twin.error, _TooLong) else f"took more than {SECONDS} s"
    if isinstance(error, ag.AutogradError):
        return None if said else "an error without a word"
    if isinstance(error, TypeError) and _PYTHONS.search(said):
        return None
    if isinstance(error, np.linalg.LinAlgError):
        return None
    if isinstance(error, OSError) and error.filename is not None:
        return None
    if any(words in said for words in _ALSO_OF_ARRAYS) and isinstance(error, TypeError | ValueError):
        return None
    same = twin and type(twin.error) is type(error) and str(twin.error) == said
    if same and isinstance(error, TypeError | ValueError):
        return None
    if not _ours(error):
        return None
    return "".join(traceback.format_exception(error)[-3:]).strip()


def _ours(error: BaseException) -> bool:
    """Whether an error came through a file of these packages, not out of a function that they were given."""
    frames = traceback.extract_tb(error.__traceback__)
    if (frames[-1].line or "").startswith(_CALLS_OUT):
        return False
    if frames[-1].filename.startswith(os.path.dirname(np.__file__)) and _callers(frames) == __file__:
        return False
    if frames[-1].name in _READING and not frames[-2].filename.startswith((*_HOMES, __file__)):
        return False
    return frames[-1].filename not in (__file__, "<string>") and any(
        f.filename.startswith(_HOMES) for f in frames
    )


def _callers(frames: list[traceback.FrameSummary]) -> str:
    """The last file on the way that is not NumPy's."""
    inside = os.path.dirname(np.__file__)
    return next(f.filename for f in reversed(frames) if not f.filename.startswith(inside))


_READING = ("__bool__", "__float__", "__int__", "__len__")  # by somebody else, in a place of his own
_CALLS_OUT = ("return f(*args, **kwargs)", "keys = list(_by_name(closed_form(*arrays), names))")
_HOMES = tuple(os.path.dirname(package.__file__) + os.sep for package in (ag, nn, viz))


def wrong_result(text: str, result: Any, twin: Outcome) -> str | None:
    """Hold a result against NumPy's."""
    if twin.error is not None:
        if isinstance(twin.error, TypeError | ValueError | IndexError) and not _wider(text):
            return f"NumPy refuses: {type(twin.error).__name__}: {twin.error}; here it is {result!r:.100}"
        return None
    if _wider(text):
        return None
    ours, theirs = list(_leaves(result)), list(_leaves(twin.result))
    if len(ours) != len(theirs):
        return f"{len(ours)} results, NumPy has {len(theirs)}"
    for a, b in zip(ours, theirs):
        a, b = (np.asarray(getattr(x, "value", x)) for x in (a, b))
        if a.shape != b.shape:
            return f"shape {a.shape}, NumPy has {b.shape}"
        tolerance = 1e-2 if "16" in f"{a.dtype}{b.dtype}" else 1e-4 if "32" in f"{a.dtype}{b.dtype}" else 1e-9
        if b.dtype.kind in "fiub" and not np.allclose(a, b, tolerance, tolerance, equal_nan=True):
            return f"{a!r:.80}, NumPy has {b!r:.80}"
    return None


WIDER = re.compile(
    r"^ag\.astype\(|correction=None|10\*\*30|(quantile|percentile)\(np\.inf|"
    r"(median|quantile|percentile)\(.*zeros.*, (\(\)|np\.zeros\(0\))|keepdims=np.True_"
)
"""What takes more than NumPy's function does: lists for arrays, None for nothing, any number, no axis."""


def _wider(text: str) -> bool:
    """Whether the call means something here that it does not in NumPy, and is documented to."""
    return WIDER.search(text) is not None


def _objects(result: Any) -> bool:
    return any(isinstance(x, np.ndarray | ag.Tensor) and x.dtype.kind == "O" for x in _leaves(result))


def _leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, list | tuple):
        for part in result:
            yield from _leaves(part)
    elif isinstance(result, dict):
        yield from _leaves(list(result.values()))
    else:
        yield result


# Many of them


def faults(calls: int, seed: int) -> Iterator[tuple[str, str]]:
    """Write calls, make them, and give those that came to a fault."""
    rng, surface = random.Random(seed), targets()
    before = dict(ag.PRIMITIVES)
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for _ in range(calls):
                text = draw(rng, surface)
                found = fault(text)
                if found:
                    yield text, found
        finally:
            os.chdir(home)
            ag.PRIMITIVES.clear()
            ag.PRIMITIVES.update(before)


def main() -> int:
    """Make calls, and print each fault once for each way in which it came about."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", action="store_true", help="print faults of one kind again and again")
    options = parser.parse_args()
    start, count = time.perf_counter(), 0
    kinds: collections.Counter[str] = collections.Counter()
    for text, found in faults(options.calls, options.seed):
        count += 1
        kind = re.sub(r"\d+", "0", found.splitlines()[-1])[:60] + text.partition("(")[0]
        kinds[kind] += 1
        if kinds[kind] == 1 or options.every:
            sys.stdout.write(f"{text}\n    {found}".replace("\n", "\n    ") + "\n")
            sys.stdout.flush()
    took = time.perf_counter() - start
    sys.stdout.write(f"{options.calls} calls, {count} faults of {len(kinds)} kinds, {took:.0f} s\n")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
