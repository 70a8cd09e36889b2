"""Ctrl-C at every line: a call is run again and again, each time broken off one line later."""

import sys
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """What became of a call that was broken off, or of the last one, which was not.

    Attributes
    ----------
    where : str
        The line before which it was broken off, nothing if it was not.
    raised : exception or None
    value
        What it returned, if it did.
    """

    where: str
    raised: BaseException | None
    value: Any = None


def code_of(*modules):
    """Make the predicate that tells the files of modules, and of all that lies in a package."""
    files = [Path(module.__file__) for module in modules]
    homes = {f"{file.parent}/" for file in files if file.name == "__init__.py"}
    alone = {str(file) for file in files if file.name != "__init__.py"}
    return lambda file: file in alone or any(file.startswith(home) for home in homes)


def interrupted_at_every_line(call, check, counts, *, every=1, error=KeyboardInterrupt):
    """Raise at the first line that a call runs, at the second, and so on, until it is over before that.

    Parameters
    ----------
    call : function of nothing
    check : function of an Outcome
        Called after each of these calls, and after the last one, which ran to its end.
    counts : function of a file name
        Whose lines count, as `code_of` makes it.
    every : int
        Only each so many-th line.
    error : exception class

    Returns
    -------
    int
        How many times the call was broken off.
    """
    for times, line in enumerate(count(1, every)):
        outcome = interrupted(call, line, counts, error)
        check(outcome)
        if not outcome.where:
            return times
    raise AssertionError


def interrupted(call, line, counts, error=KeyboardInterrupt):
    """Run a call, and raise before a certain line of it."""
    left, where = line, ""

    def entered(frame, event, _):
        return stepped if counts(frame.f_code.co_filename) else None

    def stepped(frame, event, _):
        nonlocal left, where
        if event == "line" and not where:
            left -= 1
            if not left:
                where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                raise error
        return stepped

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        value = call()
    except BaseException as raised:
        sys.settrace(before)
        return Outcome(where, raised)
    finally:
        sys.settrace(before)
    return Outcome(where, None, value)
