"""Floor 2: the typed client of the Imagine.io API. The HTTP library is loaded with the first call, not on import."""

from catalogsync.api.client import ImagineClient
from catalogsync.api.settings import ApiSettings, CreditMeter, refuse_without_writer

__all__ = ["ApiSettings", "CreditMeter", "ImagineClient", "refuse_without_writer"]
