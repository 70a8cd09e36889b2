"""Functions that NumPy lacks, as text to stand above a program that needs them."""

from __future__ import annotations

__all__ = ["HELPERS"]

_SOURCE = '''
def cofactor(a):
    """Cofactors of square matrices: det(A) times the inverse of A, transposed, where there is one."""
    u, s, vh = np.linalg.svd(a)
    others = np.where(np.eye(a.shape[-1], dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    turn = np.sign(np.linalg.det(u) * np.linalg.det(vh))
    return (u * (turn[..., None] * others)[..., None, :]) @ vh


def erf(x):
    """Error function, entry by entry."""
    x = np.asarray(x)
    return np.array([math.erf(v) for v in x.ravel()], x.dtype).reshape(x.shape)


def erfc(x):
    """1 - erf(x), exact where erf(x) is near 1."""
    x = np.asarray(x)
    return np.array([math.erfc(v) for v in x.ravel()], x.dtype).reshape(x.shape)


def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))), without overflow."""
    largest = x.max(axis=axis, keepdims=True)
    out = largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))
    return out if keepdims else np.squeeze(out, axis)


def log_softmax(x, axis=None):
    """Logarithm of softmax(x), without overflow."""
    below = x - x.max(axis=axis, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=axis, keepdims=True))


def order_statistic(x, k):
    """The k-th smallest entry along the last axis, counted from 0."""
    return np.sort(x, axis=-1)[..., k]


def relu(x):
    """Rectifier."""
    return np.maximum(x, 0)


def scatter_add(x, index, shape):
    """Zeros of a shape, to which x is added at the places of an index."""
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


def sigmoid(x):
    """Logistic function; its exponent is held below overflow."""
    x = np.asarray(x, np.result_type(x, 0.0))
    return 1 / (1 + np.exp(np.minimum(-x, np.log(np.finfo(x.dtype).max) - 1)))


def sinc(x, order):
    """j_n(z) / z**n of z = pi x, for the spherical Bessel function of an order: its series or recurrence."""
    z = np.multiply(np.pi, x)
    near = np.abs(z) < order + 2
    small, large = np.where(near, z, 0), np.where(near, 1, z)
    series = 1
    for k in range(order + 20, 0, -1):
        series = 1 - small * small / 2 / (k * (2 * order + 2 * k + 1)) * series
    before, here = np.cos(large), np.sin(large) / large
    for k in range(order):
        before, here = here, ((2 * k + 1) * here - before) / large / large
    return np.where(near, series / math.prod(range(1, 2 * order + 2, 2)), here)


def softmax(x, axis=None):
    """Positive shares that sum to 1 over an axis, without overflow."""
    shares = np.exp(x - x.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def xdivy(x, y):
    """x / y, with 0 where x is 0."""
    return np.divide(x, np.where(np.equal(x, 0), 1, y))


def xlogy(x, y):
    """x log(y), with 0 where x is 0."""
    return x * np.log(np.where(np.equal(x, 0), 1, y))
'''

HELPERS = {text.split("(")[0]: f"def {text}".strip() for text in _SOURCE.split("\ndef ")[1:]}
