"""The DAG as equations: `expression` for one formula, `derivation` for the closed form of every gradient."""
