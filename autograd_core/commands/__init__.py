"""The commands of the command line, one file each. Only here does the engine meet `nn` and `viz`."""
