"""The commands of the command line, one file each. Only here does the engine meet `nn` and `viz`.

What they share stands in files of its own: `options` of the command line, `examples` by name, `networks` from
options and from files, `gradients` by three roads, and `scores`.
"""
