"""Reads formulas in Unicode text as a mathematician does: what the brackets in print have to be right for."""

import re

import numpy as np

SMALL = "ₐₑₕᵢⱼₖₚᵣₛₜᵤᵥ"
TOKEN = re.compile(
    rf"\s*(Σ[{SMALL}]|[A-Za-z]+[{SMALL}]+(?:\[\w+\])?|"
    r"Σ(?:_axis=\d+)?|𝟏[₀-₉ₓ]+|softmax(?:_axis=\d+)?|\d+(?:\.\d+)?|[A-Za-z]+(?:\[\w+\])?|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|\S)"
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₓ", "0123456789x")
ENDS = ("", ")", ",", "+", "−", ">", "⊙", "/")


def read(text, values):
    """The value of a formula: matrix products side by side bind tighter than ⊙ and /, those than + and −."""
    reader = Reader([token for token in TOKEN.findall(text) if token.strip()] + [""], values)
    found = reader.comparison()
    assert reader.tokens == [""], f"left over of {text!r}: {reader.tokens}"
    return found


def read_entry(text, values, index):
    """The value of a formula with indices, at given ones."""
    return IndexReader(
        [token for token in TOKEN.findall(text) if token.strip()] + [""], values, index
    ).comparison()


class Reader:
    def __init__(self, tokens, values):
        self.tokens, self.values = tokens, values

    def next(self, *wanted):
        token = self.tokens[0]
        return self.tokens.pop(0) if not wanted or token in wanted else None

    def comparison(self):
        left = self.sum()
        return (left > self.sum()) * 1.0 if self.next(">") else left

    def sum(self):
        total = -self.product() if self.next("−") else self.product()
        while sign := self.next("+", "−"):
            total = total + self.product() if sign == "+" else total - self.product()
        return total

    def product(self):
        left = self.beside()
        while sign := self.next("⊙", "/"):
            left = left * self.beside() if sign == "⊙" else left / self.beside()
        return left

    def beside(self):
        left = self.raised()
        while self.tokens[0] not in ENDS:
            right = self.raised()
            left = left * right if np.ndim(left) == 0 or np.ndim(right) == 0 else left @ right
        return left

    def raised(self):
        base = self.atom()
        while True:
            if self.next("ᵀ"):
                base = base.T
            elif re.match("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]", self.tokens[0]):
                base = base ** float(self.next().translate(RAISED))
            elif self.next("^"):
                base = base ** self.atom()
            else:
                return base

    def atom(self):
        token = self.next()
        name, _, axis = token.partition("_axis=")
        if token == "(":
            inside = self.comparison()
            assert self.next(")")
            return inside
        if name == "Σ":
            inside = self.product()  # to the end of the product
            return np.sum(inside, axis=int(axis), keepdims=True) if axis else np.sum(inside)
        if token[0] == "𝟏":
            return np.ones([int(n) for n in token[1:].translate(LOWERED).split("x")])
        if token[0].isdigit():
            return np.float64(token)
        if token == "√":
            return np.sqrt(self.atom())
        if token == "I":
            return np.eye(3)
        return self.values[token] if token in self.values else self.call(name, int(axis or 0))

    def call(self, name, axis):
        assert self.next("("), name
        args = [self.comparison()]
        while self.next(","):
            args.append(self.comparison())
        assert self.next(")")
        if name == "softmax":
            shares = np.exp(args[0] - args[0].max(axis=axis, keepdims=True))
            return shares / shares.sum(axis=axis, keepdims=True)
        return {"tanh": np.tanh, "where": np.where, "exp": np.exp}[name](*args)


class IndexReader(Reader):
    """Reads one entry; what is summed over a letter is read once for each of its values."""

    def __init__(self, tokens, values, index):
        super().__init__(tokens, values)
        self.index = index

    def atom(self):
        name = self.tokens[0].partition("[")[0]
        letters = [letter for letter in name if letter in SMALL]
        if not letters:
            return super().atom()
        token = self.next()
        if token[0] == "Σ":
            return self.over(*letters)
        stem = "".join(letter for letter in token if letter not in SMALL)
        array = self.values[stem if stem in self.values else stem[0].upper() + stem[1:]]
        return np.squeeze(array)[tuple(self.index[letter] for letter in letters)]

    def over(self, letter):
        rest, total = self.tokens, 0.0
        for i in range(3):
            self.tokens, outer = [*rest], self.index
            self.index = outer | {letter: i}
            total += self.product()
            self.index = outer
        return total
