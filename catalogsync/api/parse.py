"""From JSON to values. Unknown fields are ignored, ids may be numbers or text, null text is "".

Every function raises UnexpectedAnswerError, naming the operation and the field, when something we need is missing or
of a shape that no sample shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from catalogsync.api.operations import Operation
from catalogsync.errors import UnexpectedAnswerError
from catalogsync.model.outputs import OUTPUT_KINDS, OUTPUTS, SILO, Progress, progress_of_images, progress_of_word
from catalogsync.model.remote import (
    NOT_REQUESTED,
    ContentSeen,
    CreatedProduct,
    ImageId,
    ImageSeen,
    OutputSeen,
    Page,
    RemoteProduct,
    RenderImage,
    SharedContent,
    SharedImage,
    UploadForm,
)

T = TypeVar("T")
_NUMBER = re.compile(r"\d{1,12}")


@dataclass(frozen=True, slots=True)
class Reader:
    """One JSON object of an answer, read field by field. `at` is its path, for messages."""

    operation: Operation
    fields: Mapping[str, Any]
    at: str = ""

    @staticmethod
    def of(operation: Operation, value: Any, at: str = "") -> Reader:
        if not isinstance(value, dict):
            raise _unexpected(operation, f"{at or 'the answer'} is not a JSON object")
        return Reader(operation, value, at)

    def bad(self, name: str, what: str) -> UnexpectedAnswerError:
        return _unexpected(self.operation, f'"{self.path(name)}" {what}')

    def path(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def required(self, name: str) -> Any:
        if self.fields.get(name) in (None, ""):
            raise self.bad(name, "is missing")
        return self.fields[name]

    def text(self, name: str) -> str:
        """A text or number as text; "" for null, nothing or an empty one."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.bad(name, "is neither text nor a number")
        return str(value)

    def required_text(self, name: str) -> str:
        self.required(name)
        return self.text(name)

    def identifier(self, name: str) -> ImageId:
        value = self.required(name)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.bad(name, "is neither a number nor text")
        return value

    def number(self, name: str) -> int:
        """A whole number, not negative, also one written as text."""
        value = self.required(name)
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.bad(name, "is not a whole number")
        return value

    def objects(self, name: str) -> tuple[Reader, ...]:
        """A list of objects; null or nothing is an empty one."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.bad(name, "is not a list")
        return tuple(Reader.of(self.operation, one, f"{self.path(name)}.{at}") for at, one in enumerate(value))

    def object(self, name: str) -> Reader:
        return Reader.of(self.operation, self.required(name), self.path(name))


def product_of(reader: Reader, *, unicode: str = "") -> RemoteProduct:
    """A product. `unicode` stands in where the caller knows it and the answer does not repeat it."""
    return RemoteProduct(
        unicode=reader.text("unicode") or unicode or reader.required_text("unicode"),
        sku_id=reader.text("sku_id"),
        gtin=reader.text("gtin"),
        name=reader.text("name"),
        main_asset_name=reader.text("main_asset_name"),
        created_at=reader.text("created_at"),
        salsify_id=reader.text("salsify_id"),
        product_id=reader.text("id"),
    )


def created_of(reader: Reader) -> CreatedProduct:
    """The product and its upload forms; the thumbnail's form is None when the answer has none."""
    thumbnail = reader.fields.get("presigned_url_thumbnail")
    return CreatedProduct(
        product=product_of(reader),
        model_form=_form_of(reader.object("presigned_url_prop_user_file")),
        thumbnail_form=_form_of(reader.object("presigned_url_thumbnail")) if thumbnail else None,
    )


def page_of(reader: Reader, number: int, each: Callable[[Reader], T]) -> Page[T]:
    """One page of a list. The page must be the one that was asked for, and tell how many there are."""
    told = reader.number("current_page_number")
    if told != number:
        raise reader.bad("current_page_number", f"is {told}, but page {number} was asked for")
    if not isinstance(reader.fields.get("results"), list):
        raise reader.bad("results", "is not a list")
    return Page(
        number=number,
        total_pages=reader.number("total_pages"),
        count=reader.number("count"),
        results=tuple(each(one) for one in reader.objects("results")),
    )


def content_of(reader: Reader, content_type: str = "") -> ContentSeen:
    """A content status. Asked for all types it must tell all; asked for one, that one."""
    needed = [kind for kind in OUTPUT_KINDS if content_type in ("", kind.status_field)]
    for kind in needed:
        if kind.status_field not in reader.fields:
            raise reader.bad(kind.status_field, "is missing")
    told = [kind for kind in OUTPUT_KINDS if kind.status_field in reader.fields]
    return ContentSeen(product_of(reader), {kind.name: _output_of(reader, kind.status_field) for kind in told})


def shared_of(reader: Reader) -> SharedContent:
    """Finished content: the outputs that are pages by name, the silo images as images."""
    return SharedContent(
        product=product_of(reader),
        thumbnail_url=reader.text("thumbnail_url"),
        urls={kind.name: reader.text(kind.content_field) for kind in OUTPUT_KINDS if kind.name != SILO},
        images=tuple(
            SharedImage(
                id=image.identifier("id"),
                name=image.text("name"),
                image_url=image.text("image_url"),
                thumbnail_url=image.text("thumbnail_url"),
            )
            for image in reader.objects(OUTPUTS[SILO].content_field)
        ),
    )


def render_image_of(reader: Reader) -> RenderImage:
    """One rendered camera. Its files are null until it is Done; the color pass may stay so."""
    return RenderImage(
        id=reader.identifier("id"),
        angle_name=reader.text("angle_name"),
        progress=_progress(reader),
        word=reader.text("status"),
        file=reader.text("file"),
        filmic_file=reader.text("filmic_file"),
        color_pass_file=reader.text("color_pass_file"),
        thumbnail=reader.text("thumbnail"),
        filmic_thumbnail=reader.text("filmic_thumbnail"),
    )


def _form_of(reader: Reader) -> UploadForm:
    fields = reader.object("fields")
    url = reader.required_text("url")
    if urlsplit(url).scheme not in {"http", "https"}:
        raise reader.bad("url", "is not a URL that a file can be sent to")
    return UploadForm(url=url, fields=tuple((name, fields.text(name)) for name in fields.fields))


def _output_of(reader: Reader, name: str) -> OutputSeen:
    """A status by its shape: null, a word, or a list of images."""
    value = reader.fields[name]
    if value is None:
        return NOT_REQUESTED
    if isinstance(value, str):
        return OutputSeen(progress_of_word(value), value)
    images = tuple(
        ImageSeen(id=one.identifier("id"), name=one.text("name"), progress=_progress(one), word=one.text("status"))
        for one in reader.objects(name)
    )
    words = dict.fromkeys(image.word for image in images if image.word)
    return OutputSeen(progress_of_images([image.progress for image in images]), ", ".join(words), images)


def _progress(reader: Reader) -> Progress:
    return progress_of_word(reader.text("status") or None)


def _unexpected(operation: Operation, what: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"Could not {operation.name}: the answer is not what the API documents: {what}.",
        hint="Check the API URL and the proxies on the way; for a write, look up what happened before repeating it.",
    )
