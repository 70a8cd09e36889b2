"""Draw the pictures of this folder, and write the program that compile.md shows: ``python docs/draw.py``."""

import re
from pathlib import Path
from typing import Any

import nn
import viz

FOLDER = Path(__file__).parent


def compiled_step() -> Any:
    """Run the first block of compile.md: its step, called."""
    page = (FOLDER / "compile.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)[1], names)
    return names["step"]


def with_program(page: str, source: str) -> str:
    """Put the text of a program between the marks for it."""
    shown = f"<!-- program -->\n```text\n{source}\n```\n<!-- end of program -->"
    pattern = r"<!-- program -->\n.*?<!-- end of program -->"
    return re.sub(pattern, lambda _: shown, page, flags=re.DOTALL)


if __name__ == "__main__":
    X, Y = nn.datasets.iris()
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
    J = nn.costs.cross_entropy(net(nn.datasets.standardized(X, like=X)), Y)
    viz.both(J).save(FOLDER / "ladder.png")
    step = compiled_step()
    viz.program(step).save(FOLDER / "program.svg")
    path = FOLDER / "compile.md"
    path.write_text(with_program(path.read_text(encoding="utf-8"), step.source), encoding="utf-8")
