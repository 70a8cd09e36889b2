"""Containers: taken apart and put together again, and where two of them differ."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import ShapeError
from autograd_core.differentiation.tree import LEAF, flatten


class Affine(NamedTuple):
    W: object
    b: object


Renamed = namedtuple("Renamed", ["class", "x"], rename=True)

leaf = st.one_of(st.integers(), st.text(), st.none(), st.builds(object))
containers = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=2), st.integers(0, 3)), inner, max_size=3),
        st.builds(Affine, inner, inner),
    ),
    max_leaves=12,
)


def collected(tree):
    """The leaves, written in another way."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if not isinstance(tree, list | tuple):
        return [tree]
    return [x for part in tree for x in collected(part)]


def same(a, b):
    """Equal with all the types, and the same leaves."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a is b


@given(containers)
def test_what_is_taken_apart_is_put_together_again(tree):
    leaves, structure = flatten(tree)
    assert [id(x) for x in leaves] == [id(x) for x in collected(tree)]
    assert same(structure.unflatten(leaves), tree)
    assert structure.leaves_of(tree, "tree") == leaves
    assert len(structure.paths()) == len(leaves)


@given(containers)
def test_a_path_is_python_source_that_leads_to_its_leaf(tree):
    leaves, structure = flatten(tree)
    for x, path in zip(leaves, structure.paths("tree"), strict=True):
        if "'" not in path and "\\" not in repr(path):
            assert eval(path, {"tree": tree}) is x


@given(containers)
def test_a_structure_is_equal_to_itself_only(tree):
    _, structure = flatten(tree)
    assert flatten(tree)[1] == structure
    for other in ([tree], (tree,), {"a": tree}, Affine(tree, 1)):
        assert flatten(other)[1] != structure


def test_arrays_strings_and_sets_are_leaves():
    for x in (np.ones((2, 3)), "text", {1, 2}, range(3), None, 2.0):
        leaves, structure = flatten(x)
        assert structure is LEAF
        assert leaves[0] is x
        assert structure.unflatten(leaves) is x


def test_a_dict_keeps_the_order_given_and_is_matched_by_key():
    leaves, structure = flatten({"b": 1, "a": {3: 2, 2: 3}})
    assert leaves == [1, 2, 3]
    assert list(structure.unflatten(leaves)) == ["b", "a"]
    assert structure.leaves_of({"a": {2: 30, 3: 20}, "b": 10}, "other") == [10, 20, 30]


def test_named_tuples_keep_their_class_and_other_subclasses_count_as_the_plain_container():
    class Rows(list):
        pass

    class Pair(tuple):
        __slots__ = ()

    assert same(flatten(Renamed(1, 2))[1].unflatten([3, 4]), Renamed(3, 4))
    for given_, plain in [
        (Rows([1, 2]), [3, 4]),
        (Pair([1, 2]), (3, 4)),
        (OrderedDict(x=1, y=2), {"x": 3, "y": 4}),
        (defaultdict(int, x=1, y=2), {"x": 3, "y": 4}),
    ]:
        assert same(flatten(given_)[1].unflatten([3, 4]), plain)


def test_empty_containers_have_no_leaves_and_stay():
    tree = {"a": [], "b": ((), {})}
    leaves, structure = flatten(tree)
    assert leaves == structure.paths("tree") == []
    assert same(structure.unflatten([]), tree)


def test_paths_are_written_as_in_python():
    tree = {"W": [1, (2, 3)], 7: Affine(4, {"b": 5})}
    assert flatten(tree)[1].paths("p") == [
        'p["W"][0]',
        'p["W"][1][0]',
        'p["W"][1][1]',
        "p[7].W",
        'p[7].b["b"]',
    ]
    assert flatten(1)[1].paths("p") == ["p"]
    assert flatten([1])[1].paths() == ["[0]"]


@pytest.mark.parametrize(
    ("wanted", "found", "message"),
    [
        (1, [1], r"t is a list of 1, but one array is wanted; np\.array"),
        ([1], 1, r"t is one int, but a list of 1 is wanted"),
        ([1, 2], [1], r"t is a list of 1, but a list of 2 is wanted"),
        ([1], (1,), r"t is a tuple of 1, but a list of 1 is wanted"),
        ({"W": [1, 2]}, {"W": [1, [2]]}, r't\["W"\]\[1\] is a list of 1, but one array'),
        ({"W": 1, "b": 2}, {"W": 1}, r"t is a dict with the keys 'W', but a dict with the keys 'W', 'b' is"),
        ({"W": 1}, {}, r"t is an empty dict, but a dict with the keys 'W'"),
        (Affine(1, [2]), Affine(1, 2), r"t\.b is one int, but a list of 1"),
        (Affine(1, 2), (1, 2), r"t is a tuple of 2, but the named tuple Affine is wanted"),
        ((1, 2), Affine(1, 2), r"t is the named tuple Affine, but a tuple of 2 is wanted"),
        ([{}, {"a": 1}, 5], [{}, {"b": 1}, [5]], r"t\[1\] is a dict with the keys 'b', but .* 'a'"),
    ],
    ids=str,
)
def test_the_first_path_that_differs_is_named(wanted, found, message):
    with pytest.raises(ShapeError, match=message):
        flatten(wanted)[1].leaves_of(found, "t")
