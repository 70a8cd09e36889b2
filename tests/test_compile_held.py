"""Law: a program is that of what its arguments hold now; whatever changes there, it is as if not compiled."""

import collections
import dataclasses
import enum
import functools

import numpy as np
import pytest

import autograd_core as ag

X = np.array([1.0, 2.0, 3.0])


class Plain:
    k = 1.0
    items = (1.0,)

    def act(self, x):
        return x

    def scaled(self, x):
        return self.act(x) * self.k * sum(self.items)


class Slotted:
    __slots__ = ("k",)

    def scaled(self, x):
        return x * getattr(self, "k", 7.0)


class SlottedBelow(Slotted):
    __slots__ = ("other",)


class Named:
    """Equal by name alone."""

    def __init__(self, name, k):
        self.name, self.k = name, k

    def __eq__(self, other):
        return isinstance(other, Named) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def scaled(self, x):
        return x * self.k


@dataclasses.dataclass(frozen=True)
class Frozen:
    k: float
    hidden: float = dataclasses.field(default=0.0, compare=False)

    def scaled(self, x):
        return x * self.k + self.hidden


@dataclasses.dataclass
class Open:
    k: float

    def scaled(self, x):
        return x * self.k


def put(name, value):
    return lambda x: setattr(x, name, value)


def flipped(self, x):
    return -x


CHANGES = {  # how to make it, and what is done to it, step by step
    "an attribute over one of the class": (Plain, [put("k", 5.0), lambda a: delattr(a, "k")]),
    "an attribute of the class": (lambda: type("Own", (Plain,), {})(), [lambda a: put("k", 3.0)(type(a))]),
    "one of a class above": (
        lambda: type("Own", (type("Above", (Plain,), {}),), {})(),
        [lambda a: put("k", 3.0)(type(a).__mro__[1])],
    ),
    "a method of the class": (lambda: type("Own", (Plain,), {})(), [lambda a: put("act", flipped)(type(a))]),
    "a method of its own": (Plain, [put("act", lambda x: -x)]),
    "a sign of zero": (Plain, [put("k", 0.0), put("k", -0.0)]),
    "a slot": (Slotted, [put("k", 2.0), put("k", 5.0), lambda a: delattr(a, "k")]),
    "a slot of a class above": (SlottedBelow, [put("k", 2.0), put("k", 5.0)]),
    "a list": (Plain, [put("items", [1.0]), lambda a: a.items.append(2.0)]),
    "a deque": (Plain, [put("items", collections.deque([1.0])), lambda a: a.items.append(2.0)]),
    "bytes": (Plain, [put("items", bytearray([1])), lambda a: a.items.append(2)]),
    "a set": (Plain, [put("items", {1.0}), lambda a: a.items.add(2.0)]),
    "a dict of another order": (
        Plain,
        [put("items", {1: 2, 3: 4}), lambda a: a.items.update({1: a.items.pop(1)})],
    ),
    "an object that was not hashable": (lambda: Open(1.0), [put("k", 2.0)]),
}


def infinite(x):
    with np.errstate(divide="ignore"):
        return 1 / np.asarray(x)


@pytest.mark.parametrize("way", ["an argument", "a bound method", "in a partial", "in a list"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_an_object_holds_is_part_of_its_program(change, way):
    make, steps = CHANGES[change]
    thing = make()
    f = ag.compile(
        {
            "an argument": lambda a, x: a.scaled(x),
            "a bound method": lambda g, x: g(x),
            "in a partial": lambda g, x: g(x),
            "in a list": lambda a, x: a[0].scaled(x),
        }[way]
    )

    def given():
        if way == "a bound method":
            return thing.scaled
        if way == "in a partial":
            return functools.partial(type(thing).scaled, thing)
        return [thing] if way == "in a list" else thing

    for step in (lambda a: None, *steps):
        step(thing)
        for _ in range(3):
            np.testing.assert_array_equal(infinite(f(given(), X)), infinite(thing.scaled(X)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Named("a", 2.0), Named("a", 5.0)),
        (Frozen(2.0), Frozen(2.0, 5.0)),
        (functools.partial(np.multiply, 2.0), functools.partial(np.multiply, 3.0)),
        ({"b": 1.0 * X, "a": 0 * X}, {"a": 0 * X, "b": 1.0 * X}),
        (enum.Enum("Kind", "one two").one, enum.Enum("Kind", "two one").one),
    ],
    ids=["equal by name", "a field that is not compared", "partials", "dicts", "enumerations"],
)
def test_what_is_equal_to_another_argument_is_not_taken_for_it(first, second):
    def f(a, x):
        if isinstance(a, dict):
            return ag.concatenate([*a.values()]) * ag.sum(x)
        if isinstance(a, enum.Enum):
            return x * a.value
        return a(x) if callable(a) else a.scaled(x)

    compiled = ag.compile(f)
    for a in (first, second, first, second):
        np.testing.assert_array_equal(compiled(a, X), np.asarray(ag.tensor(f(a, ag.tensor(X))).data))


def test_two_objects_that_hold_the_same_share_a_program():
    recordings = []

    def f(a, x):
        recordings.append(a)
        return a.scaled(x)

    compiled = ag.compile(f)
    for _ in range(4):
        compiled(Frozen(2.0), X)
    assert len(recordings) == 2  # which is one recording


def test_a_class_method_reads_its_class():
    class Scaled:
        k = 2.0

        @classmethod
        @ag.compile
        def of(cls, x):
            return x * cls.k

    np.testing.assert_array_equal(Scaled.of(X), 2 * X)
    Scaled.k = 3.0
    np.testing.assert_array_equal(Scaled.of(X), 3 * X)
    below = type("Below", (Scaled,), {})
    np.testing.assert_array_equal(below.of(X), 3 * X)
    Scaled.k = 4.0
    np.testing.assert_array_equal(below.of(X), 4 * X)


def test_a_compiled_function_held_by_an_object_may_run_in_another():
    class Model:
        def __init__(self):
            self.inner = ag.compile(lambda x: x + 1)

        @ag.compile
        def __call__(self, x):
            return self.inner(x) * 2

    model = Model()
    for _ in range(3):
        np.testing.assert_array_equal(model(X), 2 * (X + 1))
    assert "1 programs" in repr(Model.__call__)


def test_a_read_that_was_refused_and_caught_is_refused_at_the_end():
    @ag.compile
    def f(x):
        try:
            return x * 2 if ag.sum(x) > 1 else x
        except Exception:  # of somebody who wants it to run at any cost
            return x * 3

    with pytest.raises(ag.GraphError, match="bool"):
        f(X)


def test_what_is_drawn_into_one_array_is_what_it_was_when_it_was_drawn():
    buffer = np.zeros(3)

    def draw():
        buffer[:] += 1
        return buffer

    f = ag.compile(lambda x: (x * ag.drawn(draw, "R"), ag.drawn(draw, "Q")))
    f(np.ones(3))
    first, second = f(np.ones(3))
    np.testing.assert_array_equal((first, second), [[3.0] * 3, [4.0] * 3])


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_donated_array_whose_entries_overlap_is_refused(backend):
    overlapping = np.lib.stride_tricks.as_strided(np.zeros(4), (3, 2), (8, 8))
    f = ag.compile(lambda a: a + np.arange(6.0).reshape(3, 2), donate="a", backend=backend)
    with pytest.raises(ag.OptionError, match="overlap"):
        f(overlapping)
    turned = np.zeros((2, 3)).T
    np.testing.assert_array_equal(f(turned), np.arange(6.0).reshape(3, 2))
