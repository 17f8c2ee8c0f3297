"""How generated content looks: one module per way of making it."""
