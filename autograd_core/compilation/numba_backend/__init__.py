"""A program as loops that Numba compiles."""
