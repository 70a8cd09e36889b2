"""What drawing raises beyond the engine's own errors."""

from autograd_core.errors import AutogradError

__all__ = ["RenderError"]


class RenderError(AutogradError, RuntimeError):
    """A picture cannot be drawn here: a renderer is missing, failed, or the graph is too large."""
