"""Equations in print: text, LaTeX, pages, programs and SymPy."""
