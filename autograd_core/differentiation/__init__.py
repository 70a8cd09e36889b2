"""Tensors, the two sweeps over what they recorded, and the functions made of those."""
