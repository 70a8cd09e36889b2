"""A program as calls of NumPy, into arrays that are made once."""
