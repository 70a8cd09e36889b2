"""Formulas as terms in a normal form, and what may be done with them."""
