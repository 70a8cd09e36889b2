"""The DAG: nodes, operations as they are declared and called, and what watches while they are recorded."""
