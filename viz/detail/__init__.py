"""How much of it is shown: selections, and boxes for what is taken together."""
