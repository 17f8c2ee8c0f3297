"""What the remote says, as typed values. Field names are the wire's; null text becomes ""."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from catalogsync.model.catalog import Vector
from catalogsync.model.outputs import Progress

T = TypeVar("T")
ImageId = int | str  # sent back as it was received; documented as a number


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `number` counts from 1; `count` is the number of records on all pages."""

    number: int
    total_pages: int
    count: int
    results: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class RemoteProduct:
    """A product as the remote shows it."""

    unicode: str
    sku_id: str
    gtin: str
    name: str
    main_asset_name: str
    created_at: str = ""
    salsify_id: str = ""
    product_id: str = ""  # the numeric id, only ever in the answer to mark_upload_success


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A presigned POST form: where to send a file and the fields that go before it, in their order."""

    url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CreatedProduct:
    """The answer to a create: the product and its upload forms (no thumbnail form without a thumbnail)."""

    product: RemoteProduct
    model_form: UploadForm
    thumbnail_form: UploadForm | None


@dataclass(frozen=True, slots=True)
class ImageSeen:
    """One image of a list-valued status. `name` is "" for a 360° spin, whose entries have none."""

    id: ImageId
    name: str
    progress: Progress
    word: str


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """The status of one output. `word` is the remote's own, for messages."""

    progress: Progress
    word: str
    images: tuple[ImageSeen, ...] = ()


NOT_REQUESTED = OutputSeen(Progress.NONE, "")


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """The answer to a content status: the product and each output by its manifest name."""

    product: RemoteProduct
    outputs: Mapping[str, OutputSeen]


@dataclass(frozen=True, slots=True)
class SharedImage:
    id: ImageId
    name: str
    image_url: str
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class SharedContent:
    """Finished content. A URL is "" while its output is not there; image URLs expire."""

    product: RemoteProduct
    thumbnail_url: str
    urls: Mapping[str, str]  # page URL by output name, for the outputs that are pages
    images: tuple[SharedImage, ...]


@dataclass(frozen=True, slots=True)
class PlacementRequest:
    sku_id: str
    position: Vector | None
    rotation: Vector | None
    material_id: int | None


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The body of create-images."""

    scene_id: int
    cameras_to_render: tuple[int, ...]
    units: str | None
    products: tuple[PlacementRequest, ...]


@dataclass(frozen=True, slots=True)
class RenderImage:
    """One rendered camera. URLs are "" until there is a file."""

    id: ImageId
    angle_name: str
    progress: Progress
    word: str
    file: str
    filmic_file: str
    color_pass_file: str
    thumbnail: str
    filmic_thumbnail: str
