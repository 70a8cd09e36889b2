"""Time chains of small operations: what a call costs, and what each operation adds.

    python benchmarks/chain.py [--quick] [--python OTHER] [--json FILE]

The chain is y <- sin(tanh(y) * w + b) on 10 entries in float64, 1, 5 or 20 times over: four operations a
link, then the sum of y and its gradient by x, w and b, on one thread. By hand it is the chain rule written
out.
"""

from __future__ import annotations

import json

from compare import Times, arguments, setup_of, table
from steps.contestants import CONTESTANTS
from steps.race import Setup, race, say, started, stop

COUNTS = (1, 5, 20)
ABSENT = ("products", "by_hand_buffers", "tinygrad_jit")
HEAD = "chain and its gradient"


def measured(setup: Setup, quick: bool = False) -> dict[str, Times]:
    """Time the chains; a quick run leaves out the longest."""
    setup = setup._replace(threads=1)
    here = {name: home for name, home in setup.homes().items() if CONTESTANTS[name].module not in ABSENT}
    workers = started(here, setup)
    figures = {}
    for count in COUNTS[: -1 if quick else None]:
        operations = f"{4 * count} operations"
        say(f"chain: {operations}")
        times = race(workers, setup, ["chain"], shape=(10,), count=count, dtype="f8")
        figures[operations] = times["chain"]
    stop(workers)
    return figures


def main() -> int:
    """Measure every contestant and print the table."""
    options = arguments(__doc__).parse_args()
    with setup_of(options) as setup:
        figures = measured(setup, options.quick)
    print(table(figures, HEAD))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
