"""The catalog: what is wanted, as a value made from the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogsync.errors import Place
from catalogsync.model.addresses import content_address, product_address, render_address

UPDATABLE_FIELDS = ("sku_id", "gtin", "name", "main_asset_name")


@dataclass(frozen=True, slots=True)
class Asset:
    """A model or thumbnail file: as the manifest writes it, and where it is on disk (absolute)."""

    written: str
    path: str
    place: Place

    @property
    def file_name(self) -> str:
        return self.path.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Product:
    """One wanted product. A field that is None is not managed: no diff, no update."""

    key: str
    sku_id: str
    gtin: str | None
    name: str | None
    main_asset_name: str | None
    model: Asset | None
    thumbnail: Asset | None
    outputs: tuple[str, ...]  # names of model.outputs.OUTPUTS, in the table's order
    archive: tuple[str, ...]  # glob patterns over names of silo images that are to be hidden
    protect: bool
    place: Place
    salsify_id: str | None = None  # only to find the product by: it cannot be written

    @property
    def address(self) -> str:
        return product_address(self.key)

    @property
    def content_address(self) -> str:
        return content_address(self.key)

    def managed_fields(self) -> dict[str, str]:
        """The fields the manifest gives, by their wire names."""
        pairs = ((name, getattr(self, name)) for name in UPDATABLE_FIELDS)
        return {name: value for name, value in pairs if value is not None}


Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Placement:
    """One product in a scene: `position` in the render's units, `rotation` in degrees; None leaves it to the vendor."""

    product_key: str
    sku_id: str
    position: Vector | None
    rotation: Vector | None
    material_id: int | None


@dataclass(frozen=True, slots=True)
class Render:
    """One wanted scene render."""

    name: str
    scene_id: int
    cameras_to_render: tuple[int, ...]
    units: str | None
    placements: tuple[Placement, ...]
    place: Place

    @property
    def address(self) -> str:
        return render_address(self.name)


@dataclass(frozen=True, slots=True)
class Limit:
    """A guard's limit: a number of resources, or a percentage of the managed ones."""

    value: float
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.value:g}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Settings:
    """`settings:` of the manifest. None means "not given there"; times are in seconds."""

    max_deletes: Limit | None = None
    max_replaces: Limit | None = None
    max_credits: int | None = None
    poll_initial: float | None = None
    poll_interval: float | None = None
    wait_timeout: float | None = None
    parallelism: int | None = None
    upload_parallelism: int | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the manifest wants. `root` is the folder of the manifest's first file (absolute)."""

    name: str
    root: str
    products: tuple[Product, ...]
    renders: tuple[Render, ...]
    moved: Mapping[str, str] = field(default_factory=dict)  # new address -> old address
    removed: frozenset[str] = frozenset()  # addresses to forget without deleting
    settings: Settings = Settings()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file's content is: size in bytes and SHA-256 in hex."""

    size: int
    sha256: str
