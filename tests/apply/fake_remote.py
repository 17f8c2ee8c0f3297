"""A remote in memory that keeps the documented rules, for tests of what decides: no HTTP, no time, faults at will."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from catalogsync.errors import AnswerLostError, InvalidRequestError, NotFoundError, UploadRefusedError
from catalogsync.model.outputs import OUTPUTS, SILO, Progress
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
    RenderRequest,
    SharedContent,
    SharedImage,
    UploadForm,
)

PAGE = 3


@dataclass
class Held:
    """A product as the remote holds it."""

    product: RemoteProduct
    finished: bool = False
    deleted: bool = False
    objects: dict[str, str] = field(default_factory=dict)
    jobs: Counter[str] = field(default_factory=Counter)
    checks: int = 0
    born: int = 0
    asked: int = 0  # when its latest job was submitted
    archived: set[ImageId] = field(default_factory=set)


@dataclass
class Meter:
    spent: int = 0
    available: int | None = 1000


@dataclass
class FakeRemote:
    """`faults` maps an operation to what its next calls do: "lose" (works, answer lost), "refuse" (lost before),
    or an exception to raise. `list_unfinished` and `hold_deleted` play the document's open questions."""

    list_unfinished: bool = True
    hold_deleted: bool = False
    checks_until_done: int = 1
    list_lag: int = 0  # calls for which a new product is in no list
    late: int = 0  # calls for which a new job, and reads for which a new render does not show yet
    failing: set[str] = field(default_factory=set)  # outputs that end as Failed
    files: Mapping[str, str] = field(default_factory=dict)  # path -> sha256
    faults: dict[str, list[str | BaseException]] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    renders: dict[str, tuple[RenderRequest, list[ImageId]]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    credits: Meter = field(default_factory=Meter)
    salsify: dict[str, str] = field(default_factory=dict)  # unicode -> salsify_id
    after_call: Callable[[str], None] = lambda _: None
    _render_reads: int = 0
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def _call(self, operation: str, *, free: bool = False) -> Iterator[None]:
        self.calls[operation] += 1
        fault = self.faults[operation].pop(0) if self.faults.get(operation) else None
        if isinstance(fault, BaseException):
            raise fault
        if fault == "refuse":
            raise AnswerLostError(f"{operation}: reset")
        self.credits.spent += 0 if free else 1
        yield
        self.after_call(operation)
        if fault == "lose":
            raise AnswerLostError(f"{operation}: no answer")

    @property
    def age(self) -> int:
        """Its clock: a second goes by with each call."""
        return sum(self.calls.values())

    def now(self) -> str:
        return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.age)).isoformat()

    @property
    def writes(self) -> int:
        reads = {"products_page", "find_products", "content_status", "shared_content", "render_images"}
        return sum(number for name, number in self.calls.items() if name not in reads)

    def complete(self, sku_id: str, outputs: Sequence[str]) -> bool:
        """Whether exactly one product answers to the SKU, with all its content made."""
        found = [held for held in self.live(sku_id) if held.finished]
        return len(found) == 1 and all(
            self._output(found[0], name, done=found[0].checks > self.checks_until_done).progress is Progress.DONE
            for name in outputs
        )

    def live(self, sku_id: str) -> list[Held]:
        return [held for held in self.held.values() if held.product.sku_id == sku_id and not held.deleted]

    def _unique(self, unicode: str, fields: Mapping[str, str]) -> None:
        for name, sentence in (("sku_id", "Sku id already exists."), ("gtin", "This gtin already exists.")):
            value = fields.get(name)
            for other in self.held.values():
                counts = not other.deleted or self.hold_deleted
                if value and counts and other.product.unicode != unicode and getattr(other.product, name) == value:
                    raise InvalidRequestError(sentence, status=400, sentences=[("", sentence)])

    async def create_product(
        self, fields: Mapping[str, str], *, model_name: str, thumbnail_name: str | None
    ) -> CreatedProduct:
        with self._call("create_product"):
            unicode = f"u{next(self._ids)}"
            self._unique(unicode, fields)
            product = RemoteProduct(
                unicode, **{n: fields.get(n, "") for n in ("sku_id", "gtin", "name", "main_asset_name")}
            )
            self.held[unicode] = Held(product, born=sum(self.calls.values()))
        form = UploadForm("bucket", (("key", f"{unicode}/model"),))
        thumbnail = UploadForm("bucket", (("key", f"{unicode}/thumbnail"),)) if thumbnail_name else None
        return CreatedProduct(product, form, thumbnail)

    async def upload(
        self, form: UploadForm, path: str, *, sha256: str, progress: Callable[[int], None] | None = None
    ) -> None:
        with self._call("upload", free=True):
            unicode, _, which = form.fields[0][1].partition("/")
            if self.held[unicode].deleted:
                raise UploadRefusedError("Policy expired.", status=403, code="AccessDenied")
            self.held[unicode].objects[which] = self.files.get(path, sha256)

    def _there(self, unicode: str) -> Held:
        held = self.held.get(unicode)
        if held is None or held.deleted:
            raise NotFoundError("Not found.", status=404)
        return held

    async def finalize_product(self, unicode: str) -> RemoteProduct:
        with self._call("finalize_product"):
            held = self._there(unicode)
            if "model" not in held.objects:
                raise InvalidRequestError("Files are missing.", status=400)
            held.finished = True
        return replace(held.product, product_id="7")

    async def update_product(self, unicode: str, fields: Mapping[str, str]) -> RemoteProduct:
        with self._call("update_product"):
            held = self._there(unicode)
            self._unique(unicode, fields)
            held.product = replace(held.product, **fields)
        return held.product

    async def delete_product(self, unicode: str) -> str:
        with self._call("delete_product"):
            self._there(unicode).deleted = True
        return "Successfully marked for deletion."

    def _listed(self) -> list[RemoteProduct]:
        return [
            held.product
            for held in self.held.values()
            if not held.deleted
            and (held.finished or self.list_unfinished)
            and sum(self.calls.values()) - held.born >= self.list_lag
        ]

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]:
        with self._call("products_page"):
            listed = self._listed()
        total = max(1, -(-len(listed) // PAGE))
        return Page(number, total, len(listed), tuple(listed[(number - 1) * PAGE : number * PAGE]))

    async def find_products(
        self, *, unicode: str = "", sku_id: str = "", gtin: str = "", salsify_id: str = ""
    ) -> tuple[RemoteProduct, ...]:
        """A `salsify_id` filters, and is shown nowhere but in shared content."""
        with self._call("find_products"):
            return tuple(
                product
                for product in self._listed()
                if (not unicode or product.unicode == unicode)
                and (not sku_id or product.sku_id == sku_id)
                and (not gtin or product.gtin == gtin)
                and (not salsify_id or self.salsify.get(product.unicode) == salsify_id)
            )

    async def submit_content_job(self, unicode: str, outputs: Sequence[str]) -> None:
        with self._call("submit_content_job"):
            held = self._there(unicode)
            if not held.finished:
                raise InvalidRequestError("Not finished.", status=400)
            held.jobs.update(outputs)
            held.checks, held.asked = 0, self.age

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None:
        with self._call("content_status"):
            found = [
                held
                for held in self.held.values()
                if not held.deleted and (held.product.unicode == unicode if unicode else held.product.sku_id == sku_id)
            ]
        if not found:
            return None
        held = found[0]
        held.checks += 1
        if held.asked and self.age - held.asked <= self.late:
            return ContentSeen(held.product, dict.fromkeys(OUTPUTS, NOT_REQUESTED))
        done = held.checks > self.checks_until_done
        return ContentSeen(held.product, {name: self._output(held, name, done=done) for name in OUTPUTS})

    def _output(self, held: Held, name: str, *, done: bool) -> OutputSeen:
        if not held.jobs[name]:
            return NOT_REQUESTED
        if not done:
            return OutputSeen(Progress.RUNNING, "Processing")
        if name in self.failing:
            return OutputSeen(Progress.FAILED, "Failed")
        images = ()
        if name == SILO:
            names = [f"{held.product.name} - {kind} - Cam" for kind in ("Black bg", "Leaf")] * held.jobs[name]
            shown = [(i, text) for i, text in enumerate(names) if i not in held.archived]
            images = tuple(ImageSeen(i, text, Progress.DONE, "Done") for i, text in shown)
        return OutputSeen(Progress.DONE, "Done", images)

    async def shared_content(self, *, unicode: str = "", salsify_id: str = "") -> SharedContent | None:
        with self._call("shared_content"):
            unicode = unicode or next(key for key, value in self.salsify.items() if value == salsify_id)
            held = self._there(unicode)
        urls = {name: f"https://viewer/{unicode}/{name}" for name in held.jobs}
        product = replace(held.product, salsify_id=self.salsify.get(unicode, ""))
        return SharedContent(product, "t", urls, (SharedImage(1, "x", "i", "t"),))

    async def archive_images(self, unicode: str, ids: Sequence[ImageId], *, archive: bool) -> int:
        with self._call("archive_images"):
            held = self._there(unicode)
            held.archived = held.archived | set(ids) if archive else held.archived - set(ids)
        return len(ids)

    async def create_images(self, request: RenderRequest) -> str:
        with self._call("create_images"):
            for placement in request.products:
                if not any(held.finished for held in self.live(placement.sku_id)):
                    raise InvalidRequestError(f"Invalid or inaccessible sku_id(s): {placement.sku_id}", status=400)
            render_id = f"r{next(self._ids)}"
            self._render_reads = 0
            self.renders[render_id] = (request, [next(self._ids) for _ in request.cameras_to_render])
        return render_id

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]:
        with self._call("render_images"):
            self._render_reads += 1
            chosen = [
                image
                for name, (request, images) in self.renders.items()
                if self._render_reads > self.late
                if (name == render_id if render_id else sku_id in {p.sku_id for p in request.products})
                for image in images
            ]
        return tuple(RenderImage(image, "cam", Progress.DONE, "Done", "f", "", "", "", "") for image in chosen)
