"""Floor 5: the use cases, each in a few lines. The only floor that puts the edges and the deciding floors together."""
