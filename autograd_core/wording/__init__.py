"""What the engine says: errors, names and notation, and what a caller's arguments are held against."""
