"""What the engine asks of Python and of the operating system: files, locks, memory, interruptions."""
