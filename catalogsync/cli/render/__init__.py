"""How plans and results are shown. A new format is one file here and one row in its command."""
