"""Operations over axes: sums, means, extremes, orders, running totals."""
