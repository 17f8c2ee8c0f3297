"""What a running sandbox is made of: handed to every handler instead of globals."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from catalogsync.sandbox.clock import Clock
from catalogsync.sandbox.faults import Faults
from catalogsync.sandbox.settings import SandboxSettings
from catalogsync.sandbox.signing import Signer
from catalogsync.sandbox.store import Store

if TYPE_CHECKING:
    from catalogsync.sandbox.worker import Worker

DAY = 86_400


@dataclass(slots=True)
class Sandbox:
    """One data folder being served at `url`. `settings` are those in force: its variants may change meanwhile."""

    settings: SandboxSettings
    url: str
    data_id: str
    store: Store
    clock: Clock
    signer: Signer
    worker: "Worker"
    faults: Faults = field(default_factory=Faults)
    started_with: SandboxSettings = field(init=False)

    def __post_init__(self) -> None:
        self.started_with = self.settings

    @property
    def objects(self) -> Path:
        """The folder of the bucket: an object's key is its path in here."""
        return objects_folder(self.settings)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def media_url(self, key: str) -> str:
        """A signed URL of an object, valid for the settings' `media_days` from now."""
        lifetime = self.settings.media_days * DAY
        return self.signer.media_url(self.url, key, now=self.clock.now(), lifetime=lifetime)


def objects_folder(settings: SandboxSettings) -> Path:
    return settings.data / "bucket"
