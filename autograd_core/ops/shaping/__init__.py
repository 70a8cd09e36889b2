"""Operations that move entries and compute none: shapes, axes, positions, pieces."""
