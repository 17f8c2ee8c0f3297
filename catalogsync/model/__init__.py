"""Floor 1: the values everything else passes around. Pure: no I/O, no third-party import."""
