"""Small edits of a right formula, and the search for those that give a claim's numbers."""
