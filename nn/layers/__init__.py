"""Layers, networks of them, and what is read off a network."""
