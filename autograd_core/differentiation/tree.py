"""Containers of arrays: lists, tuples, named tuples and dicts, nested as one likes.

A container is taken apart into its leaves, in the order in which they are met, and its structure, which
puts as many leaves together again. What is not a list, a tuple or a dict is a leaf. Nothing here looks
at a leaf: whether it is an array is for the caller to ask, and `Structure.paths` says where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from autograd_core.wording.errors import ShapeError
from autograd_core.wording.identifiers import name_of, printable, quoted, text_of

__all__ = ["CONTAINERS", "LEAF", "Structure", "flatten"]

CONTAINERS = (list, tuple, dict)


class Structure(NamedTuple):
    """The arrangement of the leaves of a container.

    Attributes
    ----------
    kind : type or None
        list, tuple, dict or a class of named tuples; None for a leaf.
    keys : tuple
        Positions, fields or the keys of a dict, in the order given.
    parts : tuple of Structure
        What stands under each key.
    """

    kind: type[Any] | None
    keys: tuple[Any, ...]
    parts: tuple[Structure, ...]

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """Put leaves together, as many as there were.

        Examples
        --------
        >>> _, structure = flatten({"W": [1.0, 2.0], "b": 3.0})
        >>> structure.unflatten("xyz")
        {'W': ['x', 'y'], 'b': 'z'}
        """
        if self.kind is None:
            [leaf] = leaves
            return leaf
        return _built(self, iter(leaves))

    @property
    def size(self) -> int:
        """Number of leaves."""
        return 1 if self.kind is None else sum([part.size for part in self.parts])

    def paths(self, root: str = "") -> list[str]:
        """Say where each leaf stands, as one would write it in Python.

        Examples
        --------
        >>> flatten({"W": [1.0, 2.0], "b": 3.0})[1].paths("params")
        ['params["W"][0]', 'params["W"][1]', 'params["b"]']
        """
        return [*_walked(self, root, _step)]

    def names(self) -> list[str | None]:
        """Call each leaf by its keys; None where a position in a list comes first.

        Examples
        --------
        >>> flatten({"W": [1.0, 2.0], "b": 3.0})[1].names(), flatten([1.0])[1].names()
        (['W[0]', 'W[1]', 'b'], [None])
        """
        return [path[1:] if path.startswith(".") else None for path in _walked(self, "", _dotted)]

    def leaves_of(self, tree: Any, root: str) -> list[Any]:
        """Take apart another container of this structure; the keys of a dict may come in any order.

        Raises
        ------
        ShapeError
            Another structure; the message names the first path that differs, starting from `root`.

        Examples
        --------
        >>> _, structure = flatten({"W": [1.0, 2.0], "b": 3.0})
        >>> structure.leaves_of({"b": 30.0, "W": [10.0, 20.0]}, "tangent")
        [10.0, 20.0, 30.0]
        >>> structure.leaves_of({"W": [10.0], "b": 30.0}, "tangent")
        Traceback (most recent call last):
        autograd_core.ShapeError: tangent["W"] is a list of 1, but a list of 2 is wanted
        """
        leaves, found = flatten(tree)
        return leaves if found == self else list(_matched(self, tree, root))


LEAF = Structure(None, (), ())


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """Take a container apart into its leaves and its structure.

    A named tuple keeps its class; any other subclass of list, tuple or dict counts as the plain one.

    Raises
    ------
    ShapeError
        The container holds itself, or is nested too deep.

    Examples
    --------
    >>> leaves, structure = flatten({"W": [1.0, 2.0], "b": 3.0})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> structure.unflatten(leaves)
    {'W': [1.0, 2.0], 'b': 3.0}
    """
    if not isinstance(tree, CONTAINERS):
        return [tree], LEAF
    leaves: list[Any] = []
    try:
        return leaves, _taken_apart(tree, leaves)
    except RecursionError:
        raise ShapeError(
            f"a {type(tree).__name__} that holds itself, or hundreds of containers in one another, cannot "
            "be taken apart"
        ) from None


def _walked(structure: Structure, path: str, step: Callable[[type[Any], Any], str]) -> Iterator[str]:
    kind = structure.kind
    if kind is None:
        yield path
        return
    for key, part in zip(structure.keys, structure.parts, strict=True):
        yield from _walked(part, path + step(kind, key), step)


def _taken_apart(tree: Any, leaves: list[Any]) -> Structure:
    kind = _kind(tree)
    parts = []
    for part in tree.values() if kind is dict else tree:
        if isinstance(part, CONTAINERS):
            parts.append(_taken_apart(part, leaves))
        else:
            leaves.append(part)
            parts.append(LEAF)
    return Structure(kind, _keys(kind, tree), tuple(parts))


def _kind(tree: Any) -> type[Any]:
    if isinstance(tree, tuple):
        return type(tree) if hasattr(tree, "_fields") else tuple
    return list if isinstance(tree, list) else dict


def _keys(kind: type[Any], tree: Any) -> tuple[Any, ...]:
    if kind is dict:
        return tuple(tree)
    return tuple(range(len(tree))) if kind in (list, tuple) else kind._fields


def _built(structure: Structure, leaves: Iterator[Any]) -> Any:
    kind: Any = structure.kind
    parts = [next(leaves) if part.kind is None else _built(part, leaves) for part in structure.parts]
    if kind is dict:
        return dict(zip(structure.keys, parts, strict=True))
    return kind(parts) if kind in (list, tuple) else kind._make(parts)


def _matched(structure: Structure, tree: Any, path: str) -> Iterator[Any]:
    kind = structure.kind
    found = _kind(tree) if isinstance(tree, CONTAINERS) else None
    if found is None or kind is None:
        if found is not kind:
            raise _differs(path, tree, found, structure)
        yield tree
        return
    keys = _keys(found, tree)
    if found is not kind or set(keys) != set(structure.keys):
        raise _differs(path, tree, found, structure)
    for i, (key, part) in enumerate(zip(structure.keys, structure.parts, strict=True)):
        yield from _matched(part, tree[key if kind is dict else i], path + _step(kind, key))


def _differs(path: str, tree: Any, kind: type[Any] | None, structure: Structure) -> ShapeError:
    found = f"one {name_of(type(tree))}" if kind is None else _told(kind, _keys(kind, tree))
    if structure.kind is None:
        return ShapeError(f"{path} is {found}, but one array is wanted; np.array(...) makes one of a list")
    return ShapeError(f"{path} is {found}, but {_told(structure.kind, structure.keys)} is wanted")


def _step(kind: type[Any], key: Any) -> str:
    """One step of a path: from a container to what stands under a key."""
    if kind is dict:
        return f"[{quoted(key)}]" if isinstance(key, str) else f"[{printable(repr(key))}]"
    return f"[{key}]" if kind in (list, tuple) else f".{key}"


def _dotted(kind: type[Any], key: Any) -> str:
    """The same step in a name."""
    return f".{text_of(key)}" if kind is dict and isinstance(key, str) else _step(kind, key)


def _told(kind: type[Any], keys: tuple[Any, ...]) -> str:
    """Describe a container for a message."""
    if kind is dict:
        return f"a dict with the keys {', '.join(_key(key) for key in keys)}" if keys else "an empty dict"
    return (
        f"a {kind.__name__} of {len(keys)}" if kind in (list, tuple) else f"the named tuple {name_of(kind)}"
    )


def _key(key: object) -> str:
    """A key of a dict in a message."""
    return repr(text_of(key)) if isinstance(key, str) else printable(repr(key))
