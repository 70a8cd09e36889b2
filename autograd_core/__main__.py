"""The command line: ``autograd-core`` or ``python -m autograd_core``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from autograd_core import __version__
from autograd_core.commands import check, demo, derive, graph, predict, train
from autograd_core.wording.errors import AutogradError
from autograd_core.wording.identifiers import printable

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, with the way to the help."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: error: {printable(message)} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0 when all is well, 1 when a gradient disagrees, 2 when the options or the data are bad, 130 after Ctrl-C,
    141 when whoever reads the output closes it.
    """
    parser = _Parser(prog="autograd-core", description="An autodiff engine on NumPy that shows its work.")
    parser.add_argument("--version", action="version", version=f"autograd-core {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for command in (demo, train, predict, check, derive, graph):
        command.add_to(commands)
    options = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for encodings that lack Σ
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # nothing is left to be flushed at exit
        return 141
    except (AutogradError, OSError, MemoryError) as error:
        first = (
            str(error).partition("\n")[0] or "not enough memory"
        )  # below it an error may list the lines of code that recorded
        print(f"autograd-core {options.command}: error: {printable(first)}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print(f"autograd-core {options.command}: stopped", file=sys.stderr)  # noqa: T201
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
