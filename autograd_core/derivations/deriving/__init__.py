"""From a recorded graph to its equations."""
