"""One training step, by hand and by each library: a file a contestant, all computing the same cost."""
