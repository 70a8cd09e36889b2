"""Which claims differ from the truth, by how much it matters, and at which other points."""
