"""Pictures of a recorded graph: its forward pass, its backward pass, and both as a ladder.

`forward`, `backward` and `both` return a `Picture`, which shows itself in a notebook and saves
itself as SVG, PNG, PDF, DOT or text.
"""

from viz.errors import RenderError
from viz.graph import backward, both, forward
from viz.picture import Picture

__all__ = ["Picture", "RenderError", "backward", "both", "forward"]
