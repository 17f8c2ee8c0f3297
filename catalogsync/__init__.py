"""catalogsync: declarative catalog sync for 3D product content on Imagine.io."""

__version__ = "0.1.0"
