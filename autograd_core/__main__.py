"""The command line: ``autograd-core`` or ``python -m autograd_core``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from autograd_core import __version__
from autograd_core.commands import demo
from autograd_core.errors import AutogradError

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, with the way to the help."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0 when all is well, 1 when a gradient disagrees, 2 when the options or the data are bad.
    """
    parser = _Parser(prog="autograd-core", description="An autodiff engine on NumPy that shows its work.")
    parser.add_argument("--version", action="version", version=f"autograd-core {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    demo.add_to(commands)
    options = parser.parse_args(argv)
    try:
        return int(options.run(options))
    except (AutogradError, OSError) as error:
        print(f"autograd-core {options.command}: error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print(f"autograd-core {options.command}: stopped", file=sys.stderr)  # noqa: T201
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
