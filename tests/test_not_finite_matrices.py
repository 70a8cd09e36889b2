"""Singular values where an entry is NaN or infinite: LAPACK, which may never end then, is not asked."""

import itertools

import numpy as np
import pytest

import autograd_core as ag

BAD = (np.nan, np.inf, -np.inf)
SHAPES = ((1, 1), (2, 2), (3, 3), (2, 3), (3, 2))
FACTORED = {
    "svd": lambda x: ag.svd(x, full_matrices=False).S,
    "full svd": lambda x: ag.svd(x).S,
    "pinv": ag.pinv,
}
VALUES = {
    "svdvals": ag.svdvals,
    "svd without vectors": lambda x: ag.svd(x, compute_uv=False),
    "norm": lambda x: ag.norm(x, 2, axis=(-2, -1)),
    "smallest": lambda x: ag.norm(x, -2, axis=(-2, -1)),
    "nuclear": lambda x: ag.norm(x, "nuc", axis=(-2, -1)),
    "matrix norm": lambda x: ag.linalg.matrix_norm(x, ord=2),
}
CONDITIONS = {f"cond {p}": (lambda x, p=p: ag.cond(x, p)) for p in (None, 2, -2, "fro", 1, np.inf)}
SQUARE = {"det": ag.det, "cofactor": lambda x: ag.cofactor(x)}


@pytest.fixture(autouse=True)
def _only_finite_for_lapack(monkeypatch):
    for name in ("svd", "pinv"):
        original = getattr(np.linalg, name)

        def checked(a, *args, original=original, **kwargs):
            assert np.isfinite(a).all()
            return original(a, *args, **kwargs)

        monkeypatch.setattr(np.linalg, name, checked)
    with np.errstate(all="ignore"):
        yield


def _spoilt(shape, bad, seed=0):
    """Stacks of three matrices, the second with such an entry, at each place in turn; and as they were."""
    for place in itertools.product(*map(range, shape)):
        whole = np.random.default_rng(seed).normal(size=(3, *shape)) + 2 * np.eye(*shape)
        spoilt = whole.copy()
        spoilt[1][place] = bad
        yield spoilt, whole


INVERTED = ("cond fro", "cond 1", "cond inf")


def _shapes(name):
    return [shape for shape in SHAPES if shape[0] == shape[1] or name not in (*INVERTED, *SQUARE)]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", FACTORED)
def test_what_has_no_vectors_is_refused(name, bad):
    for shape in SHAPES:
        for spoilt, _ in _spoilt(shape, bad):
            for x in (spoilt, ag.tensor(spoilt), ag.tensor(spoilt[1])):
                with pytest.raises(np.linalg.LinAlgError, match="NaN or infinite"):
                    FACTORED[name](x)


@pytest.mark.parametrize("name", VALUES | CONDITIONS)
def test_nan_is_refused_where_numpy_does(name):
    function = (VALUES | CONDITIONS)[name]
    for shape in _shapes(name):
        for spoilt, _ in _spoilt(shape, np.nan):
            if name in INVERTED:
                assert np.isnan(function(spoilt)[1])
            else:
                with pytest.raises(np.linalg.LinAlgError):
                    function(spoilt)


@pytest.mark.parametrize("bad", BAD[1:])
@pytest.mark.parametrize("name", VALUES | CONDITIONS | SQUARE)
def test_one_matrix_that_is_not_finite_spoils_no_other_and_its_derivatives_are_nan(name, bad):
    function = (VALUES | CONDITIONS | SQUARE)[name]
    for shape in _shapes(name):
        for spoilt, whole in _spoilt(shape, bad):
            got, right = np.array(function(spoilt)), np.array(function(whole))
            if name not in SQUARE:
                assert (got[1] == np.inf if name in CONDITIONS else np.isnan(got[1])).all()
            _same_but_for_the_second(got, right)
            pulled, wanted = (ag.grad(lambda x: ag.sum(function(x)))(x) for x in (spoilt, whole))
            _same_but_for_the_second(pulled, wanted)
            assert np.isnan(pulled[1]).any() or (name in SQUARE and shape == (1, 1))
            pushed, wanted = (ag.jvp(function, [x], [np.ones_like(x)])[1] for x in (spoilt, whole))
            _same_but_for_the_second(np.array(pushed), np.array(wanted))


def _same_but_for_the_second(got, right):
    np.testing.assert_allclose(got[::2], right[::2], rtol=1e-9, atol=1e-12)
