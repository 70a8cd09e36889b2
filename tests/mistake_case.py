"""Hand-written gradients of seven networks, and the fifteen mistakes of people who derive them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import autograd_core as ag
import nn
from autograd_core.graph.node import topological_order

Values = dict[str, np.ndarray]
Formula = Callable[[Values], np.ndarray]


class Net(NamedTuple):
    """A network, the cost of one draw, and the right formula of each gradient in backward order."""

    name: str
    J: ag.Tensor
    formulas: dict[str, Formula]
    activations: tuple[str, ...]
    m: int
    cost: str
    square: bool


class Mistake(NamedTuple):
    """One slip: what to call it, and the wrong formulas in the steps where it is made."""

    id: str
    kinds: tuple[str, ...]
    formulas: dict[str, Formula]


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


LOWER = np.tril(np.ones((5, 5))) - 0.3


def lower(Z):
    """tanh(T z): an activation whose Jacobian is not symmetric."""
    return ag.tanh(ag.tensor(LOWER, name="T") @ Z)


SPECS = {
    "B": ((4, 5, 3, 2), ("tanh", "sigmoid", "sigmoid"), "binary_cross_entropy", 0.0),
    "R": ((4, 5, 3, 2), ("tanh", "relu", "sigmoid"), "binary_cross_entropy", 0.0),
    "C": ((4, 5, 3, 6), ("tanh", "sigmoid", "softmax"), "cross_entropy", 0.0),
    "Q": ((4, 4, 4, 4), ("tanh", "sigmoid", "softmax"), "cross_entropy", 0.0),
    "M": ((4, 5, 3, 6), ("tanh", "sigmoid", "softmax"), "squared_error", 0.0),
    "V": ((4, 5, 3, 2), (lower, "sigmoid", "sigmoid"), "binary_cross_entropy", 0.0),
    "L2": ((4, 5, 3, 2), ("tanh", "sigmoid", "sigmoid"), "binary_cross_entropy", 0.7),
}


def drawn(name, seed, m=7):
    """Draw a network with its cost and the right formulas."""
    widths, activations, cost, lam = SPECS[name]
    rng = np.random.default_rng([seed, len(name), ord(name[0])])
    net = nn.Sequential(*(nn.Dense(n, k, g, rng=rng) for n, k, g in zip(widths, widths[1:], activations)))
    for layer in net.dense:
        layer.b.data[...] = 0.3 * rng.normal(size=layer.b.shape)
    X = rng.normal(size=(widths[0], m))
    if activations[-1] == "softmax":
        classes = np.concatenate([[0, 1], rng.integers(0, widths[-1], m - 2)])
        Y = np.eye(widths[-1])[:, classes]
    else:
        Y = (rng.random((widths[-1], m)) < 0.5) * 1.0
        Y[:, :2] = [0.0, 1.0]
    J = getattr(nn.costs, cost)(net(X), Y)
    if lam:
        J = J + nn.costs.l2(net, lam, m)
    names = tuple("lower" if callable(g) else g for g in activations)
    return Net(name, J, right(names, cost, lam, m), names, m, cost, len(set(widths)) == 1)


def right(activations, cost, lam, m):
    """The notes' formula of every gradient."""
    L = len(activations)
    formulas: dict[str, Formula] = {f"dA[{L}]": COSTS[cost](L, m)}
    for l in range(L, 0, -1):
        formulas[f"dZ[{l}]"] = DERIVATIVES[activations[l - 1]](l)
        formulas[f"dW[{l}]"] = weights(l, lam / m)
        formulas[f"db[{l}]"] = lambda v, l=l: v[f"dZ[{l}]"].sum(axis=1, keepdims=True)
        if l > 1:
            formulas[f"dA[{l - 1}]"] = lambda v, l=l: v[f"W[{l}]"].T @ v[f"dZ[{l}]"]
    return formulas


def before(l):
    return f"A[{l - 1}]" if l > 1 else "X"


def weights(l, decay):
    return lambda v: v[f"dZ[{l}]"] @ v[before(l)].T + decay * v[f"W[{l}]"]


COSTS = {
    "binary_cross_entropy": lambda L, m: (
        lambda v: (-v["Y"] / v[f"A[{L}]"] + (1 - v["Y"]) / (1 - v[f"A[{L}]"])) / m
    ),
    "cross_entropy": lambda L, m: lambda v: -v["Y"] / v[f"A[{L}]"] / m,
    "squared_error": lambda L, m: lambda v: (v[f"A[{L}]"] - v["Y"]) / m,
}


def softmax_back(dA, A):
    return A * (dA - (dA * A).sum(axis=0, keepdims=True))


DERIVATIVES = {
    "tanh": lambda l: lambda v: v[f"dA[{l}]"] * (1 - v[f"A[{l}]"] ** 2),
    "sigmoid": lambda l: lambda v: v[f"dA[{l}]"] * v[f"A[{l}]"] * (1 - v[f"A[{l}]"]),
    "relu": lambda l: lambda v: v[f"dA[{l}]"] * (v[f"Z[{l}]"] > 0),
    "softmax": lambda l: lambda v: softmax_back(v[f"dA[{l}]"], v[f"A[{l}]"]),
    "lower": lambda l: lambda v: v["T"].T @ (v[f"dA[{l}]"] * (1 - v[f"A[{l}]"] ** 2)),
}
AT = {
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
}
FROM_VALUE = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a**2}


def mistakes(net):
    """List the mistakes that can be made with a network and that show."""
    L, m = len(net.activations), net.m
    layers = range(1, L + 1)
    hidden = range(1, L)
    out, last = f"dZ[{L}]", net.formulas[f"dZ[{L}]"]
    formulas = net.formulas
    found = [
        Mistake("P01", ("sign",), {out: lambda v: -last(v)}),
        Mistake("P03", ("scale",), {out: lambda v: m * last(v)}),
        Mistake(
            "P04",
            ("scale",),
            {f"d{x}[{l}]": lambda v, x=x, l=l: formulas[f"d{x}[{l}]"](v) / m for x in "Wb" for l in layers},
        ),
        Mistake(
            "P05",
            ("transpose", "order"),
            {f"dW[{l}]": lambda v, l=l: formulas[f"dW[{l}]"](v).T for l in layers},
        ),
        Mistake("P07", ("reduction",), {f"db[{l}]": lambda v, l=l: v[f"dZ[{l}]"] for l in layers}),
        Mistake("P08", ("reduction",), {f"db[{l}]": lambda v, l=l: v[f"dZ[{l}]"].sum() for l in layers}),
        Mistake(
            "P09",
            ("reduction",),
            {f"db[{l}]": lambda v, l=l: v[f"dZ[{l}]"].mean(axis=1, keepdims=True) for l in layers},
        ),
        Mistake("P10", ("factor missing",), {f"dZ[{l}]": lambda v, l=l: v[f"dA[{l}]"] for l in hidden}),
    ]
    if net.cost == "binary_cross_entropy":
        found.append(
            Mistake(
                "P02",
                ("sign on a class",),
                {f"dA[{L}]": lambda v: -(v["Y"] / v[f"A[{L}]"] + (1 - v["Y"]) / (1 - v[f"A[{L}]"])) / m},
            )
        )
    smooth = [l for l in hidden if net.activations[l - 1] in AT]
    for id, rules, fed in (("P11", AT, "A"), ("P12", FROM_VALUE, "Z")):
        wrong = {
            f"dZ[{l}]": lambda v, l=l, rules=rules, fed=fed: (
                v[f"dA[{l}]"] * rules[net.activations[l - 1]](v[f"{fed}[{l}]"])
            )
            for l in smooth
        }
        found.append(Mistake(id, ("argument",), wrong))
    if net.activations[-1] == "softmax":
        found.append(
            Mistake(
                "P13",
                ("diagonal only",),
                {out: lambda v: v[f"dA[{L}]"] * v[f"A[{L}]"] * (1 - v[f"A[{L}]"])},
            )
        )
    if net.activations[0] == "lower":
        found.append(
            Mistake(
                "P13",
                ("diagonal only",),
                {"dZ[1]": lambda v: np.diag(v["T"])[:, None] * (v["dA[1]"] * (1 - v["A[1]"] ** 2))},
            )
        )
    if net.square:
        above = range(2, L + 1)
        found.append(
            Mistake(
                "P06",
                ("transpose",),
                {f"dA[{l - 1}]": lambda v, l=l: v[f"W[{l}]"] @ v[f"dZ[{l}]"] for l in above},
            )
        )
        if m == 4:
            found.append(
                Mistake(
                    "P14",
                    ("product kind",),
                    {f"dA[{l - 1}]": lambda v, l=l: v[f"W[{l}]"].T * v[f"dZ[{l}]"] for l in above},
                )
            )
    if net.name == "L2":
        found.append(Mistake("P15", ("term missing",), {f"dW[{l}]": weights(l, 0.0) for l in layers}))
    return found


def values(J):
    """Every named value behind a cost."""
    return {x.name: x.value for x in topological_order([J]) if x.name}


def chained(net, wrong=()):
    """The gradients that a hand derivation gives, each fed with the ones before it."""
    v = values(net.J)
    claims = {}
    for name, formula in (net.formulas | dict(wrong)).items():
        claims[name] = v[name] = formula(v)
        if v[name].shape != v[name[1:]].shape:  # nobody could go on from here: nothing is fed from it
            v[name] = net.formulas[name](v)
    return claims


def is_planted(comparison, diagnosis, formula):
    """Whether the formula found is the one that was planted, at fresh numbers too."""
    settings = comparison._setting, comparison._setting.elsewhere
    term = diagnosis.candidates[0].term if diagnosis.candidates else None
    points = next((s.redraws for s in settings if s and s.truth.value(term) is not None), ()) if term else ()
    for point in points:
        v = {symbol.params["name"]: value for symbol, value in point.given.items()}
        found, planted = np.squeeze(point.value(term)), np.squeeze(formula(v))
        if found.shape != planted.shape or not np.allclose(found, planted, rtol=1e-8, atol=1e-14):
            return False
    return bool(points)
