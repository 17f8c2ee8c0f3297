"""Bindings and intents as JSON values, and back.

One form for the rows of the store and for the document of `state pull`. Reading ignores keys it does not know (a newer
minor version may have written them), fills in what is left out with the value's default, and refuses wrong types and
unknown words with a `ValueError` that never quotes the value: it may be part of an upload form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from sys import intern
from typing import Any, TypeVar

from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ImageId, UploadForm
from catalogsync.model.state import (
    Binding,
    ContentBinding,
    Intent,
    KnownImage,
    Origin,
    OutputRecord,
    Phase,
    ProductBinding,
    RenderBinding,
    Stage,
)

Json = dict[str, Any]
T = TypeVar("T")
E = TypeVar("E", bound=Enum)

# A dictionary finds an enum's member several times faster than calling the enum: this is the hot path of a load.
_ORIGINS = {word.value: word for word in Origin}
_STAGES = {word.value: word for word in Stage}
_PROGRESS = {word.value: word for word in Progress}
PHASES = {word.value: word for word in Phase}


def need(data: Mapping[str, Any], key: str, kind: type[T], default: T | None = None) -> T:
    """The value of `key`, exactly of type `kind`. Raises ValueError for another type or a missing value."""
    value = data.get(key, default)
    if type(value) is not kind:
        raise ValueError(f'"{key}" must be {kind.__name__}, not {type(value).__name__}')
    return value


def choose(data: Mapping[str, Any], key: str, words: Mapping[str, E]) -> E:
    """The enum member that `key` names. Raises ValueError for any other word."""
    member = words.get(need(data, key, str))
    if member is None:
        raise ValueError(f'"{key}" must be one of {", ".join(words)}')
    return member


def texts(data: Mapping[str, Any], key: str) -> dict[str, str]:
    """A mapping of text to text. Raises ValueError for anything else."""
    found: dict[str, str] = need(data, key, dict)
    if any(type(value) is not str for value in found.values()):
        raise ValueError(f'every value of "{key}" must be str')
    return found


def _image_id(value: object) -> ImageId:
    if type(value) is int or type(value) is str:
        return value
    raise ValueError(f"an image id must be int or str, not {type(value).__name__}")


def _form_json(form: UploadForm | None) -> Json | None:
    return None if form is None else {"url": form.url, "fields": [list(pair) for pair in form.fields]}


def _form(data: Mapping[str, Any], key: str) -> UploadForm | None:
    if data.get(key) is None:
        return None
    form: Json = need(data, key, dict)
    pairs: list[list[str]] = need(form, "fields", list)
    if any(type(pair) is not list or [type(part) for part in pair] != [str, str] for pair in pairs):
        raise ValueError(f'the fields of "{key}" must be pairs of str')
    return UploadForm(need(form, "url", str), tuple((name, value) for name, value in pairs))


def _product_json(binding: ProductBinding) -> Json:
    return {
        "unicode": binding.unicode,
        "origin": binding.origin.value,
        "stage": binding.stage.value,
        "fields": dict(binding.fields),
        "model_sha256": binding.model_sha256,
        "thumbnail_sha256": binding.thumbnail_sha256,
        "model_form": _form_json(binding.model_form),
        "thumbnail_form": _form_json(binding.thumbnail_form),
        "model_uploaded": binding.model_uploaded,
        "thumbnail_uploaded": binding.thumbnail_uploaded,
        "product_id": binding.product_id,
        "protect": binding.protect,
        "keeps_gtin": binding.keeps_gtin,
        "bound_at": binding.bound_at,
        "seen_at": binding.seen_at,
    }


def product_of(address: str, data: Json) -> ProductBinding:
    return ProductBinding(
        address=address,
        unicode=need(data, "unicode", str),
        origin=choose(data, "origin", _ORIGINS),
        stage=choose(data, "stage", _STAGES),
        fields=texts(data, "fields"),
        model_sha256=need(data, "model_sha256", str, ""),
        thumbnail_sha256=need(data, "thumbnail_sha256", str, ""),
        model_form=_form(data, "model_form"),
        thumbnail_form=_form(data, "thumbnail_form"),
        model_uploaded=need(data, "model_uploaded", bool, default=False),
        thumbnail_uploaded=need(data, "thumbnail_uploaded", bool, default=False),
        product_id=need(data, "product_id", str, ""),
        protect=need(data, "protect", bool, default=False),
        keeps_gtin=need(data, "keeps_gtin", bool, default=False),
        bound_at=need(data, "bound_at", str, ""),
        seen_at=intern(need(data, "seen_at", str, "")),  # one time for all that a run confirmed
    )


def _output_json(record: OutputRecord) -> Json:
    return {
        "model_sha256": record.model_sha256,
        "progress": record.progress.value,
        "requested_at": record.requested_at,
    }


# A product's outputs mostly come of one request: equal records are one object, a third of the memory of a large state.
_shared_record = lru_cache(maxsize=64)(OutputRecord)


def _output(data: Json) -> OutputRecord:
    return _shared_record(
        need(data, "model_sha256", str), choose(data, "progress", _PROGRESS), need(data, "requested_at", str, "")
    )


def _content_json(binding: ContentBinding) -> Json:
    return {
        "unicode": binding.unicode,
        "outputs": {name: _output_json(record) for name, record in binding.outputs.items()},
        "images": [{"id": image.id, "name": image.name, "archived": image.archived} for image in binding.images],
        "seen_at": binding.seen_at,
    }


def _image(data: Json) -> KnownImage:
    name = intern(need(data, "name", str))  # the same few camera names in every product
    return KnownImage(_image_id(data["id"]), name, need(data, "archived", bool, default=False))


def content_of(address: str, data: Json) -> ContentBinding:
    outputs: dict[str, Json] = need(data, "outputs", dict)
    images: list[Json] = need(data, "images", list, [])
    return ContentBinding(
        address=address,
        unicode=need(data, "unicode", str),
        outputs={name: _output(record) for name, record in outputs.items()},
        images=tuple(_image(image) for image in images),
        seen_at=intern(need(data, "seen_at", str, "")),
    )


def _render_json(binding: RenderBinding) -> Json:
    return {
        "render_id": binding.render_id,
        "fingerprint": binding.fingerprint,
        "sku_ids": list(binding.sku_ids),
        "progress": binding.progress.value,
        "requested_at": binding.requested_at,
        "image_ids": list(binding.image_ids),
        "former_image_ids": list(binding.former_image_ids),
        "seen_at": binding.seen_at,
    }


def render_of(address: str, data: Json) -> RenderBinding:
    sku_ids: list[str] = need(data, "sku_ids", list)
    if any(type(sku_id) is not str for sku_id in sku_ids):
        raise ValueError('every value of "sku_ids" must be str')
    return RenderBinding(
        address=address,
        render_id=need(data, "render_id", str),
        fingerprint=need(data, "fingerprint", str),
        sku_ids=tuple(sku_ids),
        progress=choose(data, "progress", _PROGRESS),
        requested_at=need(data, "requested_at", str),
        image_ids=tuple(_image_id(value) for value in need(data, "image_ids", list, [])),
        former_image_ids=tuple(_image_id(value) for value in need(data, "former_image_ids", list, [])),
        seen_at=need(data, "seen_at", str, ""),
    )


KINDS: Mapping[type[Binding], str] = {ProductBinding: "product", ContentBinding: "content", RenderBinding: "render"}
DECODERS: Mapping[str, Callable[[str, Json], Binding]] = {
    "product": product_of,
    "content": content_of,
    "render": render_of,
}


def binding_json(binding: Binding) -> Json:
    """A binding without its address, which is the key it is stored under."""
    match binding:
        case ProductBinding():
            return _product_json(binding)
        case ContentBinding():
            return _content_json(binding)
        case RenderBinding():
            return _render_json(binding)


def intent_json(intent: Intent) -> Json:
    return {
        "id": intent.id,
        "run_id": intent.run_id,
        "address": intent.address,
        "step": intent.step,
        "request": dict(intent.request),
        "at": intent.at,
    }


def intent_of(data: Json) -> Intent:
    return Intent(
        id=need(data, "id", str),
        run_id=need(data, "run_id", str),
        address=need(data, "address", str),
        step=need(data, "step", str),
        request=texts(data, "request"),
        at=need(data, "at", str),
    )
