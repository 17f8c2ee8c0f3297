"""The parts of `make_assets.py`: shapes, textures, products, writers and a small software renderer."""
