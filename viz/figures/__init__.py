"""The pictures that `viz` offers."""
