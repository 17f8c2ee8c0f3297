"""Model and thumbnail files on disk: are they what they say they are, and what are their digests."""

from catalogsync.assets.digests import DigestCache, file_facts
from catalogsync.assets.files import check_files
from catalogsync.model.files import CachedDigest
from catalogsync.model.formats import MODEL_EXTENSIONS, THUMBNAIL_EXTENSIONS

__all__ = ["MODEL_EXTENSIONS", "THUMBNAIL_EXTENSIONS", "CachedDigest", "DigestCache", "check_files", "file_facts"]
