"""A recorded function as a straight-line program: `autograd_core.compile`."""
