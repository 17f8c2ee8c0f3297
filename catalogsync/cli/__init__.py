"""Floor 6: the command line. Each command parses, calls the workflow and renders; it decides nothing itself."""
