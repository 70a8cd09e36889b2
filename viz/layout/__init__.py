"""Where everything stands, and which way each edge goes."""
