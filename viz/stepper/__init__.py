"""A pass step by step, and reports, as pages for a browser."""
