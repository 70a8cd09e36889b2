"""From a call of a function to the instructions of a program."""
