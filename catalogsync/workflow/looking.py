"""Look at what is there: how far content is, and where it can be seen. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.model.catalog import Catalog
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import OutputSeen, RenderImage, SharedContent
from catalogsync.model.state import ContentBinding, ProductBinding, State
from catalogsync.observe import Refresh, each, images_of
from catalogsync.plan.selection import Selection, named_in

DONE = Progress.DONE


@dataclass(frozen=True, slots=True)
class ContentLook:
    """A product's content: the status of each wanted output and, when asked for, where it can be seen.

    `seen` and `shared` are None when nothing was read, or the product is not on the remote. `seen_at` is when the
    remote last said what is remembered (ISO 8601, UTC; "" when that is not known). `read`: the status was asked for,
    so what is remembered no longer counts.
    """

    address: str
    sku_id: str
    unicode: str
    wanted: tuple[str, ...]
    remembered: Mapping[str, Progress]
    seen_at: str = ""
    seen: Mapping[str, OutputSeen] | None = None
    shared: SharedContent | None = None
    read: bool = False

    @property
    def vanished(self) -> bool:
        """The remote does not know the product any more."""
        return self.read and self.seen is None

    def progress(self, name: str) -> Progress:
        """As just read, or as remembered where nothing was read."""
        if self.vanished:
            return Progress.NONE
        if self.seen is not None and name in self.seen:
            return self.seen[name].progress
        return self.remembered.get(name, Progress.NONE)


@dataclass(frozen=True, slots=True)
class RenderLook:
    """A scene render and, when they were read, its images."""

    address: str
    render_id: str
    remembered: Progress
    seen_at: str = ""
    images: tuple[RenderImage, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """What to read: the addresses of products and renders; of products their status, or URLs that are valid now."""

    addresses: frozenset[str]
    status: bool = True
    urls: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """What was looked at, and what looking cost."""

    contents: tuple[ContentLook, ...]
    renders: tuple[RenderLook, ...]
    spent: int = 0
    available: int | None = None


def remembered(catalog: Catalog, state: State, targets: tuple[str, ...] = ()) -> Looks:
    """What the state knows of the wanted products and renders, without a call.

    `targets` are globs over addresses, sku_ids and names; none means all. Raises UsageMistakeError for one that names
    nothing.
    """
    chosen, _ = named_in(_words_of(catalog), Selection(targets))
    contents = []
    for product in catalog.products:
        if product.address not in chosen:
            continue
        binding = state.products.get(product.address)
        records = state.contents.get(product.content_address)
        contents.append(
            ContentLook(
                product.address,
                product.sku_id,
                binding.unicode if binding else "",
                product.outputs,
                _progress_of(binding, records),
                (records or binding).seen_at if binding else "",
            )
        )
    renders = [
        RenderLook(submitted.address, submitted.render_id, submitted.progress, submitted.seen_at)
        for render in catalog.renders
        if render.address in chosen and (submitted := state.renders.get(render.address))
    ]
    return Looks(tuple(contents), tuple(renders))


def _words_of(catalog: Catalog) -> dict[str, frozenset[str]]:
    """What a glob may name each resource by: a product by its content's address too, for the two are shown as one."""
    words = {
        p.address: frozenset({p.address, p.content_address, p.sku_id, p.name or p.sku_id}) for p in catalog.products
    }
    return words | {render.address: frozenset({render.address, render.name}) for render in catalog.renders}


def _progress_of(binding: ProductBinding | None, records: ContentBinding | None) -> dict[str, Progress]:
    if binding is None or records is None or records.unicode != binding.unicode:
        return {}
    return {name: record.progress for name, record in records.outputs.items()}


def to_read(looks: Looks, refresh: Refresh) -> frozenset[str]:
    """The addresses to read: with AUTO those of which something wanted is not remembered as done."""
    if refresh is Refresh.NONE:
        return frozenset()
    full = refresh is Refresh.FULL
    bound = (found for found in looks.contents if found.unicode)
    contents = {found.address for found in bound if full or any(found.progress(n) is not DONE for n in found.wanted)}
    return frozenset(contents | {found.address for found in looks.renders if full or found.remembered is not DONE})


async def look(looks: Looks, state: State, api: ApiSettings, reads: Reads, *, workers: int) -> Looks:
    """Read the status of products, fresh URLs of their content, or both, and the images of renders.

    One credit for each of these reads (image URLs expire, so they are never remembered).
    """
    async with ImagineClient(api) as client:

        async def one_product(found: ContentLook) -> ContentLook:
            seen = await client.content_status(unicode=found.unicode) if reads.status else None
            shared = await client.shared_content(unicode=found.unicode) if reads.urls else None
            return replace(found, seen=seen.outputs if seen else None, shared=shared, read=reads.status)

        async def one_render(found: RenderLook) -> RenderLook:
            return replace(found, images=await images_of(client, state.renders[found.address]))

        bound = [found for found in looks.contents if found.address in reads.addresses]
        sent = [found for found in looks.renders if found.address in reads.addresses]
        contents = {new.address: new for _, new in await each(bound, one_product, workers=workers)}
        renders = {new.address: new for _, new in await each(sent, one_render, workers=workers)}
        return Looks(
            tuple(contents.get(found.address, found) for found in looks.contents),
            tuple(renders.get(found.address, found) for found in looks.renders),
            client.credits.spent,
            client.credits.available,
        )
