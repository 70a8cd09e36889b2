"""Random programs of array operations, and the libraries that can run them."""
