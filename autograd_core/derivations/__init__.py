"""The DAG as equations: `expression` for one formula, `derive` for the closed form of every gradient."""
