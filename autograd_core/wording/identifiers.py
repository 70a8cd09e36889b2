"""The only ways of a name into code and text: as an identifier, a string, a comment or a piece of a line.

A name is whatever a person calls a tensor, a key, a function, a column of a table. What is made from one
holds it through these functions alone, so that nothing in it can end a line, a string or a comment, and no
control or bidirectional character is passed on as it is.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

__all__ = [
    "INDEXED",
    "Identifiers",
    "comment",
    "name_of",
    "printable",
    "printable_lines",
    "quoted",
    "text_of",
]

INDEXED = re.compile(r"(?P<stem>[^\W\d_]+)\[(?P<index>\w+)\]\Z")

_LONGEST = 40


class Identifiers:
    """Turns names into identifiers, each of them once.

    Parameters
    ----------
    reserved : iterable of str
        What nothing may be called.

    Examples
    --------
    >>> unique = Identifiers({"np"})
    >>> [unique(name) for name in ("W[1]", "W1", "dZ′", "np", "a b", "[3×5]", "lambda")]
    ['W1', 'W1_2', 'dZ', 'np_2', 'a_b', 'C1', 'lambda_2']
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {*keyword.kwlist, *reserved, "__debug__"}
        self._numbers: dict[str, int] = {}  # where to look on for a free one

    def __call__(self, name: str) -> str:
        """Spell a name as an identifier that was not given before."""
        name = text_of(name)
        found = INDEXED.match(name)
        stem = _valid(found["stem"] + found["index"] if found else name)
        return self._free(stem, 2) if stem else self.numbered("C")

    def numbered(self, letter: str) -> str:
        """Make up a name: a letter and the next free number."""
        return self._free(letter, 1, "")

    def _free(self, stem: str, start: int, between: str = "_") -> str:
        found = stem if start > 1 else f"{stem}1"
        number = self._numbers.get(stem + between, start)
        while found in self._taken:
            found = f"{stem}{between}{number}"
            number += 1
        self._numbers[stem + between] = number
        self._taken.add(found)
        return found


def _valid(name: str) -> str:
    """What is left of a name without what may not stand in an identifier; nothing if no letter leads it."""
    if name.isascii() and name.isalnum() and name[0].isalpha():
        return name[:_LONGEST]
    plain = unicodedata.normalize("NFKC", name)  # as Python itself reads identifiers
    plain = "".join(c if f"_{c}".isidentifier() else " " for c in plain)
    plain = "_".join(plain.replace("_", " ").split())[:_LONGEST]
    return plain if plain.isidentifier() else ""


def printable(name: object) -> str:
    r"""Write a name as text of one line, with what cannot be seen escaped.

    >>> print(printable("W\n"), printable("\u202eW"))
    W\n \u202eW
    """
    name = text_of(name)
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def printable_lines(text: object) -> str:
    r"""Write text of several lines, of which each is printable.

    >>> print(printable_lines("\x1b[31m\nred"))
    \x1b[31m
    red
    """
    return "\n".join(map(printable, text_of(text).split("\n")))


def quoted(name: object) -> str:
    r"""Write a name as a string of Python source.

    >>> print(quoted("dW[1]"), quoted('"\n'))
    "dW[1]" '"\n'
    """
    name = text_of(name)
    plain = name.isprintable() and '"' not in name and "\\" not in name
    return f'"{name}"' if plain else ascii(name)


def comment(text: object) -> str:
    r"""Write text where neither a line, nor a docstring, nor a comment may end in it.

    >>> comment('W"\n')
    'W??'
    """
    text = text_of(text)
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return "".join(c if c.isprintable() and c not in '"\\' else "?" for c in text)


def name_of(thing: object) -> str:
    """Tell what a function or a class calls itself, else its class, as text of one line.

    >>> name_of(print), name_of(1.0)
    ('print', 'float')
    """
    return printable(getattr(thing, "__name__", type(thing).__name__))


def text_of(name: object) -> str:
    """Take the characters of a name, whatever methods its class has.

    >>> import enum
    >>> class Key(enum.StrEnum):
    ...     W = "W"
    >>> type(text_of(Key.W))
    <class 'str'>
    """
    return str.__str__(name if isinstance(name, str) else str(name))
