"""Reads the diff's cases: YAML of what is wanted, remembered and seen, to the values the diff takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from catalogsync.errors import Place
from catalogsync.model.catalog import Asset, Catalog, FileFacts, Placement, Product, Render
from catalogsync.model.outputs import OUTPUTS, Progress
from catalogsync.model.remote import ContentSeen, ImageSeen, OutputSeen, RemoteProduct, RenderImage, UploadForm
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import (
    ContentBinding,
    Intent,
    KnownImage,
    Origin,
    OutputRecord,
    ProductBinding,
    RenderBinding,
    Stage,
    State,
)
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    Generate,
    Replace,
    Update,
    action_of,
)
from catalogsync.plan.renders import fingerprint

HERE = Path(__file__).parent / "cases"
NOWHERE = Place("catalog.yaml", 1, 1)
FORM = UploadForm("https://bucket.example/", (("key", "k"),))


def cases() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{path.stem}: {case['rule']}", case)
        for path in sorted(HERE.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text())
    ]


def _asset(path: str | None) -> Asset | None:
    return Asset(path, f"/shop/{path}", NOWHERE) if path else None


def catalog_of(case: dict[str, Any]) -> Catalog:
    wanted = case.get("wanted", {})
    products = tuple(
        Product(
            key=item.get("key", item["sku_id"]),
            sku_id=item["sku_id"],
            gtin=item.get("gtin"),
            name=item.get("name"),
            main_asset_name=item.get("main_asset_name"),
            model=_asset(item.get("model", "lamp.glb")),
            thumbnail=_asset(item.get("thumbnail")),
            outputs=tuple(item.get("outputs", ())),
            archive=tuple(item.get("archive", ())),
            protect=item.get("protect", False),
            place=NOWHERE,
            salsify_id=item.get("salsify_id"),
        )
        for item in wanted.get("products", ())
    )
    keys = {product.sku_id: product.key for product in products}
    renders = tuple(
        Render(
            name=item["name"],
            scene_id=item.get("scene_id", 7550),
            cameras_to_render=tuple(item.get("cameras", (1,))),
            units=None,
            placements=tuple(Placement(keys[sku], sku, None, None, None) for sku in item["of"]),
            place=NOWHERE,
        )
        for item in wanted.get("renders", ())
    )
    moved = {item["to"]: item["from"] for item in wanted.get("moved", ())}
    return Catalog("shop", "/shop", products, renders, moved, frozenset(wanted.get("removed", ())))


def files_of(case: dict[str, Any], catalog: Catalog) -> dict[str, FileFacts]:
    digests = case.get("files", {})
    assets = [asset for product in catalog.products for asset in (product.model, product.thumbnail) if asset]
    return {asset.path: FileFacts(10, digests.get(asset.written, f"sha of {asset.written}")) for asset in assets}


def snapshot_in(case: dict[str, Any]) -> Snapshot:
    seen = case.get("seen", {})
    products = [_remote(item) for item in seen.get("products", ())]
    by_unicode = {product.unicode: product for product in products}
    plain = snapshot_of(products)
    return Snapshot(
        plain.by_unicode,
        plain.by_sku,
        plain.by_gtin,
        plain.by_salsify,
        contents={
            unicode: ContentSeen(by_unicode[unicode], {name: _output(name, outputs.get(name)) for name in OUTPUTS})
            for unicode, outputs in seen.get("contents", {}).items()
        },
        renders={
            address: tuple(RenderImage(i, "cam", Progress(p), p, "", "", "", "", "") for i, p in enumerate(images))
            for address, images in seen.get("renders", {}).items()
        },
    )


def _remote(item: dict[str, str]) -> RemoteProduct:
    return RemoteProduct(
        item["unicode"],
        item.get("sku_id", ""),
        item.get("gtin", ""),
        item.get("name", ""),
        item.get("main_asset_name", ""),
        salsify_id=item.get("salsify_id", ""),
    )


def _output(name: str, value: Any) -> OutputSeen:
    if isinstance(value, dict):
        images = tuple(ImageSeen(i, text, Progress.DONE, "Done") for i, text in value.items())
        return OutputSeen(Progress.DONE, "Done", images)
    return OutputSeen(Progress(value or "none"), str(value))


def state_of(case: dict[str, Any], catalog: Catalog) -> State:
    known = case.get("remembered", {})
    products = {
        f"{kind}.{key}": _binding(f"{kind}.{key}", key, item)
        for section, kind in (("products", "product"), ("replacements", "replacement"), ("retired", "retired"))
        for key, item in known.get(section, {}).items()
    }
    contents = {
        f"content.{key}": ContentBinding(
            f"content.{key}",
            item["unicode"],
            {
                name: OutputRecord(item.get("model", "sha of lamp.glb"), Progress(value))
                for name, value in item.get("outputs", {}).items()
            },
            tuple(KnownImage(i, name, archived) for i, (name, archived) in item.get("images", {}).items()),
        )
        for key, item in known.get("contents", {}).items()
    }
    return State(
        lineage="l",
        serial=1,
        products=products,
        contents=contents,
        renders=_renders(case, catalog),
        intents=tuple(
            Intent(f"i{n}", "r", item["address"], item["step"], item.get("request", {}), "")
            for n, item in enumerate(known.get("intents", ()))
        ),
        buried=frozenset(known.get("buried", ())),
    )


def _binding(address: str, key: str, item: dict[str, Any]) -> ProductBinding:
    fields = {name: item[name] for name in ("sku_id", "gtin", "name", "main_asset_name") if name in item}
    return ProductBinding(
        address=address,
        unicode=item["unicode"],
        origin=Origin(item.get("origin", "created")),
        stage=Stage(item.get("stage", "finalized")),
        fields={"sku_id": key, **fields},
        model_sha256=item.get("model", "sha of lamp.glb"),
        thumbnail_sha256=item.get("thumbnail", ""),
        model_form=FORM if item.get("form") else None,
        model_uploaded=item.get("uploaded", False),
        protect=item.get("protect", False),
    )


def _renders(case: dict[str, Any], catalog: Catalog) -> dict[str, RenderBinding]:
    wanted = {render.name: render for render in catalog.renders}
    files = files_of(case, catalog)
    models = {product.key: files[product.model.path].sha256 for product in catalog.products if product.model}
    found = {}
    for name, item in case.get("remembered", {}).get("renders", {}).items():
        same = item.get("same", True) and name in wanted
        mark = fingerprint(wanted[name], models) if same else "other"
        found[f"render.{name}"] = RenderBinding(
            f"render.{name}", "1", mark, ("A",), Progress(item.get("progress", "done")), ""
        )
    return found


def told(change: Change) -> str:  # noqa: PLR0911 - one case for each type of change
    """A change in one line: what the expectations in the cases are written in."""
    head = f"{action_of(change)} {change.address}"
    match change:
        case Create(start=start, unicode=unicode):
            return f"{head} {start.value}{' ' + unicode if unicode else ''}: {change.reason}"
        case Adopt(unicode=unicode, edits=edits) | Update(unicode=unicode, edits=edits):
            told_edits = " ".join(f"{edit.name}={edit.before or '-'}>{edit.after or '-'}" for edit in edits)
            return f"{head} {unicode} {told_edits}".rstrip() + (
                "" if isinstance(change, Adopt) else f": {change.reason}"
            )
        case Delete(unicode=unicode, release=release):
            return f"{head} {unicode}{' releasing' if release else ''}"
        case Generate(outputs=outputs, reason=reason):
            return f"{head} {'+'.join(outputs)}: {reason}"
        case Archive(hide=hide, show=show):
            return f"{head} hide={[image.id for image in hide]} show={[image.id for image in show]}"
        case Await(outputs=outputs):
            return f"{head} {'+'.join(outputs)}".rstrip()
        case Conflict(reason=reason):
            return f"{head}: {reason}"
        case Replace(create=create, generate=generate, awaiting=awaiting, reason=reason):
            parts = (
                f"create={create.start.value}" if create else "",
                f"generate={'+'.join(generate.outputs)}" if generate else "",
                "await" if awaiting else "",
            )
            return f"{head} {' '.join(part for part in parts if part)}: {reason}".replace(" :", ":")
        case _:
            return f"{head}: {change.reason}"
