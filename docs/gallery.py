"""Draw figures and recorded graphs in every theme, and the page of them: ``python docs/gallery.py``."""

from pathlib import Path
from typing import NamedTuple

import viz
from viz.style.theme import THEMES

FOLDER = Path(__file__).parent

SETUP = """\
import numpy as np

import autograd_core as ag
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

RECORDED = """\
X, Y = nn.datasets.iris()
X = nn.datasets.standardized(X, like=X)
net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
J = nn.costs.cross_entropy(net(X), Y)

layers = (nn.Dense(a, 8, "tanh", rng=a) for a in (4, 8, 8, 8))
five = nn.Sequential(*layers, nn.Dense(8, 3, "softmax", rng=1))
J_five = nn.costs.cross_entropy(five(X), Y)

u = ag.tensor(1.5, requires_grad=True, name="u")
w = ag.tensor(-0.5, requires_grad=True, name="w")
s = u * u
s.name = "s"
joined = ag.exp(s * w) + s

z = ag.tensor([1.0, 2.0], requires_grad=True, name="z")
v = ag.tensor([1.0, 0.5], name="v")
ag.sum(z**3).backward(create_graph=True)
z.grad.name = "g"
slope = ag.sum(z.grad * v)

p = ag.tensor([0.9, 0.1, 0.0], requires_grad=True, name="p")
with np.errstate(all="ignore"):
    entropy = -ag.sum(p * ag.log(p))
"""


class Figure(NamedTuple):
    """One figure: the name of its files, its heading, the call that draws it."""

    name: str
    heading: str
    call: str


NOTES = [
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

GRAPHS = [
    Figure("forward", "The forward pass of two layers on Iris", "viz.forward(J)"),
    Figure("backward", "Its backward pass", "viz.backward(J)"),
    Figure("both", "Both, and what is kept between", "viz.both(J)"),
    Figure("norms", "With the norms of all gradients", "viz.both(J, shapes=False, norms=True)"),
    Figure("five-layers", "Five layers, one box each", 'viz.both(J_five, detail="layers")'),
    Figure("expanded", "One of them taken out", 'viz.forward(J_five, detail="layers", expand=("layer 3",))'),
    Figure("focus", "What is around one value", 'viz.both(J_five, focus="Z[3]")'),
    Figure("joined", "Paths that part and meet", "viz.both(joined)"),
    Figure("hessian", "A Hessian times a vector", "viz.both(slope, values=True)"),
    Figure("not-finite", "Where a NaN comes from", "viz.both(entropy, values=True)"),
]
"""Of what was recorded."""

FIGURES = [*NOTES, *GRAPHS]


def drawn(figure: Figure) -> viz.Picture:
    """Draw a figure by the call that the page shows."""
    names: dict[str, object] = {}
    exec(SETUP + RECORDED, names)
    picture = eval(figure.call, names)
    assert isinstance(picture, viz.Picture)
    return picture


def shown(figure: Figure) -> str:
    """Write a figure's part of the page."""
    light, *others = (
        f'<img src="gallery/{figure.name}-{theme}.svg"{size} alt="{figure.heading}">'
        for theme, size in zip(THEMES, ("", ' width="49%"', ' width="49%"'), strict=True)
    )
    pictures = "\n".join(others)
    return f"## {figure.heading}\n\n```python\n{figure.call}\n```\n\n{light}\n\n{pictures}\n"


def page() -> str:
    """Write the page."""
    parts = [
        "# Gallery\n\nThe notes' figures and recorded graphs, each in the themes light, dark and "
        "paper. `python docs/gallery.py` draws them again.\n",
        f"```python\n{SETUP}```\n",
        *map(shown, NOTES),
        "# What was recorded\n",
        f"```python\n{RECORDED}```\n",
        *map(shown, GRAPHS),
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    (FOLDER / "gallery").mkdir(exist_ok=True)
    for figure in FIGURES:
        picture = drawn(figure)
        for theme in THEMES:
            picture.save(FOLDER / "gallery" / f"{figure.name}-{theme}.svg", theme=theme)
    (FOLDER / "gallery.md").write_text(page(), encoding="utf-8")
