"""Where differences come from: an independent error follows neither from other claims nor from the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.comparisons.judging.replay import magnitude
from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.tolerance import digits
from autograd_core.comparisons.search.fit import Claim
from autograd_core.derivations.algebra.points import Point
from autograd_core.graph.node import Array

__all__ = ["Claimed", "Verdict", "judged"]

Verdict = Literal[
    "agrees", "differs", "inherited", "convention", "rounding", "cannot tell", "shape", "disputed"
]

_SPREAD = 10  # how rounded numbers that went into a claim may have spread
_EPS = 1e-14  # rounding, relative to the sizes of what is added up


class Claimed(NamedTuple):
    """A claim beside the truth.

    Attributes
    ----------
    name : str
        ``dW[1]``.
    true, array : array
    tolerance : float
        Relative.
    leaf : bool
        Whether it is the gradient of something that was not computed.
    function : function, optional
        What computes the claim from the right values.
    point : Point, optional
        Where it did, if not where the graph was recorded.
    error : str
        Why it could not.
    elsewhere : Setting, optional
        Where it is wrong, if it is right at the recorded sizes.
    narrow : bool
        Whether it holds at the recorded sizes only, so that others tell nothing.
    recorded : array
        The truth where the graph was recorded.
    """

    name: str
    true: Array
    array: Array
    tolerance: float
    leaf: bool
    function: Callable[..., Any] | None = None
    point: Point | None = None
    error: str = ""
    elsewhere: Setting | None = None
    narrow: bool = False
    recorded: Array = np.empty(0)

    @property
    def at_recorded(self) -> bool:
        """Whether these are numbers of the shape wanted, where the graph was recorded."""
        there = self.point is None and self.elsewhere is None and not self.error
        return there and self.array.shape == self.recorded.shape and bool(np.isfinite(self.array).all())

    @property
    def usable(self) -> bool:
        """Whether other claims may have been computed from these numbers."""
        fits = self.array.shape == self.true.shape and not self.function and not self.error
        return fits and bool(np.isfinite(self.array).all())

    def claim(self, setting: Setting) -> Claim:
        """Make the claim that a search explains."""
        fine = max(self.tolerance if self.tolerance < 1e-5 else 2e-6, _SPREAD * (digits(self.array) or 0.0))
        return Claim(self.array, fine, floor(setting, self.name))


def floor(setting: Setting, name: str) -> float:
    """What is no more than rounding in a gradient: relative to what its formula adds up."""
    if name not in setting.backward:
        return 0.0
    terms = setting.backward[name].steps[0].term
    return _EPS * float(np.max(magnitude(setting.truth, terms), initial=0.0))


def judged(
    setting: Setting, wrong: Mapping[str, Claimed], agreed: Mapping[str, Claimed]
) -> dict[str, Verdict]:
    """Judge the claims that do not agree with the truth.

    Parameters
    ----------
    setting : Setting
    wrong, agreed : mapping of str to Claimed
        In the order of the backward pass.
    """
    verdicts: dict[str, Verdict] = {}
    for name, claimed in wrong.items():
        if claimed.error or claimed.array.shape != claimed.true.shape:
            verdicts[name] = "shape"
        elif not np.isfinite(claimed.true).all():
            verdicts[name] = "cannot tell"
        elif _is_rounding(setting, claimed):
            verdicts[name] = "rounding"
    if not any(claimed.function for claimed in wrong.values()):
        _conventions(setting, wrong, agreed, verdicts)
    arrays = {
        name: np.asarray(claimed.array, float)
        for name, claimed in wrong.items()
        if verdicts.get(name) not in ("shape", "rounding") and claimed.usable
    }
    point = setting.claimed(arrays)
    for name, claimed in wrong.items():
        if name not in verdicts:
            verdicts[name] = "differs"
            claim = claimed.claim(setting)
            for form in setting.forms(name) if name in setting.backward else ():
                value = claim.fitted(point.value(form))
                if claimed.usable and value is not None and claim.equals(value):
                    verdicts[name] = "inherited"
    return verdicts


def _is_rounding(setting: Setting, claimed: Claimed) -> bool:
    difference = np.abs(claimed.true - claimed.array.astype(float)).max(initial=0.0)
    printed = (digits(claimed.array) or 0.0) * np.abs(claimed.array).max(initial=0.0)
    return bool(difference <= max(1.01 * printed, floor(setting, claimed.name)))


def _conventions(
    setting: Setting,
    wrong: Mapping[str, Claimed],
    agreed: Mapping[str, Claimed],
    verdicts: dict[str, Verdict],
) -> None:
    """A multiple of the truth is a convention if all that is computed from it is right again."""
    for name in reversed([*setting.backward]):
        if name not in wrong or name in verdicts or wrong[name].leaf:
            continue
        claim = wrong[name].claim(setting)
        value = claim.fitted(wrong[name].true)
        c = None if value is None else claim.factor(value)
        known = None if c is None else setting.constants(name).recognise(c, 10 * claim.tolerance)
        if known is None:
            continue
        readers = [
            other
            for other in setting.readers.get(setting.backward[name].symbol, ())
            if other in wrong or other in agreed
        ]
        supports = [other in agreed or verdicts.get(other) == "convention" for other in readers]
        firm = any(verdicts.get(x) == "convention" or (x in agreed and agreed[x].leaf) for x in readers)
        if readers and all(supports) and (firm or known.kind == "scale"):
            verdicts[name] = "convention"
