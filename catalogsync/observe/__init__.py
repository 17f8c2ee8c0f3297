"""Floor 2½: reading the remote into a snapshot, for as few credits as the plan allows."""

from catalogsync.observe.observer import Observation, Refresh, images_of, observe
from catalogsync.observe.workers import each

__all__ = ["Observation", "Refresh", "each", "images_of", "observe"]
