"""Draw the notes' figures in every theme and the page that shows them: ``python docs/gallery.py``."""

from pathlib import Path
from typing import NamedTuple

import viz
from viz.theme import THEMES

FOLDER = Path(__file__).parent

SETUP = """\
import nn
import viz

general = nn.Sequential(
    nn.Dense(4, 6, "tanh", rng=0), nn.Dense(6, 3, "tanh", rng=1), nn.Dense(3, 2, "softmax", rng=2)
)
two = nn.Sequential(nn.Dense(4, 6, "tanh", rng=0), nn.Dense(6, 1, "sigmoid", rng=1))
square = nn.Sequential(*(nn.Dense(3, 3, "tanh", rng=l) for l in range(3)))
deep = nn.Sequential(*(nn.Dense(8, 8, "relu", rng=l) for l in range(20)), nn.Dense(8, 1, "sigmoid", rng=20))
x, y = [0.5, -1.2, 0.8, 0.1], [1.0]
"""


class Figure(NamedTuple):
    """A figure of the notes: the name of its files, its heading, the call that draws it."""

    name: str
    heading: str
    call: str


FIGURES = [
    Figure("fan-in", "A unit and what it is computed from", "viz.neuron(square, 2, 1)"),
    Figure("fan-out", "A unit and what is computed from it", 'viz.neuron(square, 1, 3, "out")'),
    Figure("layer", "What goes into a layer and out of it", "viz.layer(general, 2)"),
    Figure("network", "A network", "viz.network(general)"),
    Figure("two-layers", "Two layers and the cost", "viz.network(two, cost=True)"),
    Figure("unit", "A single unit", "viz.unit(two, 2, 1)"),
    Figure("backpropagation", "The way back", "viz.backpropagation(two, x, y, path=(1, 3, 4))"),
    Figure("deep", "A deep network", 'viz.network(deep, "layers", cost=True)'),
    Figure("fan-in-numbers", "The fan in of one example", "viz.neuron(two, 2, 1, x=x)"),
    Figure(
        "fan-out-numbers",
        "The fan out on the way back",
        'viz.neuron(general, 1, 3, "out", x=x, y=[1.0, 0.0])',
    ),
    Figure("weights", "Weights as widths, dashed below 0", "viz.network(general, weights=True)"),
    Figure("layers", "All layers of a pass", "viz.layer(two, trace=two.trace([[v] for v in x], [y]))"),
]
"""The notes' eight, then four of them with numbers."""


def drawn(figure: Figure) -> viz.Picture:
    """Draw a figure by the call that the page shows."""
    names: dict[str, object] = {}
    exec(SETUP, names)
    picture = eval(figure.call, names)
    assert isinstance(picture, viz.Picture)
    return picture


def page() -> str:
    """Write the page."""
    parts = [
        "# Gallery\n\nThe notes' figures, each in the themes light, dark and paper. "
        "`python docs/gallery.py` draws them again.\n",
        f"```python\n{SETUP}```\n",
    ]
    for figure in FIGURES:
        parts.append(f"## {figure.heading}\n\n```python\n{figure.call}\n```\n")
        light, *others = (f"gallery/{figure.name}-{theme}.svg" for theme in THEMES)
        parts.append(f'<img src="{light}" alt="{figure.heading}">\n')
        parts.append("".join(f'<img src="{other}" width="49%" alt="{figure.heading}">\n' for other in others))
    return "\n".join(parts)


if __name__ == "__main__":
    (FOLDER / "gallery").mkdir(exist_ok=True)
    for figure in FIGURES:
        picture = drawn(figure)
        for theme in THEMES:
            picture.save(FOLDER / "gallery" / f"{figure.name}-{theme}.svg", theme=theme)
    (FOLDER / "gallery.md").write_text(page(), encoding="utf-8")
