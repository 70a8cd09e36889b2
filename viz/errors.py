"""What drawing raises beyond the engine's own errors."""

from autograd_core.wording.errors import AutogradError

__all__ = ["RenderError"]


class RenderError(AutogradError, RuntimeError):
    """A file cannot be drawn here, because the package that converts it is not installed."""
