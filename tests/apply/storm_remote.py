"""A remote in bad weather: each job and render shows when it likes and ends as it likes, credits run out, and whatever
must never be asked of it is noted. For stateful tests of whole runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fake_remote import FakeRemote, Held

from catalogsync.errors import CreditsExhaustedError, InvalidRequestError
from catalogsync.model.outputs import OUTPUTS, SILO, Progress
from catalogsync.model.remote import NOT_REQUESTED, ContentSeen, ImageSeen, OutputSeen, RenderImage, RenderRequest

AFTERWARDS = "afterwards"  # a fault's key ends with it when the work is done before the error is answered

LATE = 4  # seconds, at one for each call; three of them are less than the settle time


@dataclass
class Job:
    """One output's latest job: what it ends as, and how often it was looked at."""

    fate: Progress
    asked: int  # on the remote's clock
    looks: int = 0  # since it shows


@dataclass
class StormRemote(FakeRemote):
    """`faults` also takes "<operation> afterwards": the error comes once the work is done.

    A job shows `LATE * unseen` calls later, a render from its `unseen`th look on; it is done `running` looks later.
    `wrong` is what must never have happened.
    """

    unseen: int = 0
    running: int = 0
    purse: int | None = None  # credits left on the account, None for any number
    fates: dict[str, Progress] = field(default_factory=dict)  # of jobs submitted from now on
    jobs: dict[tuple[str, str], Job] = field(default_factory=dict)
    looks_at_renders: dict[str, int] = field(default_factory=dict)
    latest: dict[tuple[int, ...], tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)  # unicodes of products that were created by calls
    ours: Callable[[], set[str]] = set  # unicodes that the state knows
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def _call(self, operation: str, *, free: bool = False) -> Iterator[None]:
        if not free and self.purse is not None:
            if self.purse <= 0:
                raise CreditsExhaustedError("No credits are left.", status=402)
            self.purse -= 1
        with super()._call(operation, free=free):
            yield
        if late := self.faults.get(f"{operation} {AFTERWARDS}"):
            error = late.pop(0)
            assert isinstance(error, BaseException)
            raise error

    def calm(self) -> None:
        """No faults any more, and all that was late has come to show."""
        self.faults, self.fates, self.purse = {}, {}, None
        self.settle()

    def settle(self) -> None:
        """Time goes by: what was done shows."""
        for job in self.jobs.values():
            job.asked = -LATE * self.unseen
        self.looks_at_renders = dict.fromkeys(self.renders, self.unseen)
        for held in self.held.values():
            held.born = -self.list_lag

    async def create_product(self, fields, *, model_name, thumbnail_name):  # type: ignore[no-untyped-def]
        before = set(self.held)
        try:
            return await super().create_product(fields, model_name=model_name, thumbnail_name=thumbnail_name)
        finally:
            self.made |= self.held.keys() - before

    async def delete_product(self, unicode: str) -> str:
        if unicode not in self.made | self.ours():
            self.wrong.append(f"{unicode} is deleted and is not ours")
        return await super().delete_product(unicode)

    async def submit_content_job(self, unicode: str, outputs: Sequence[str]) -> None:
        with self._call("submit_content_job"):
            held = self._there(unicode)
            if not held.finished:
                raise InvalidRequestError("Not finished.", status=400)
            for name in outputs:
                earlier = self.jobs.get((unicode, name))
                if earlier is not None and earlier.fate is not Progress.FAILED:
                    self.wrong.append(f"a second job for {name} of {unicode}, the first is {earlier.fate}")
                self.jobs[unicode, name] = Job(self.fates.get(name, Progress.DONE), self.age)
            held.jobs.update(outputs)

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None:
        with self._call("content_status"):
            found = [
                held
                for held in self.held.values()
                if not held.deleted and (held.product.unicode == unicode if unicode else held.product.sku_id == sku_id)
            ]
            if not found:
                return None
            for name in OUTPUTS:
                if (job := self.jobs.get((found[0].product.unicode, name))) and self._shows(job):
                    job.looks += 1
            return ContentSeen(found[0].product, {name: self._shown(found[0], name) for name in OUTPUTS})

    def _shows(self, job: Job) -> bool:
        return self.age - job.asked > LATE * self.unseen

    def _shown(self, held: Held, name: str) -> OutputSeen:
        job = self.jobs.get((held.product.unicode, name))
        if job is None or not self._shows(job):
            return NOT_REQUESTED
        if job.looks <= self.running:
            return OutputSeen(Progress.RUNNING, "Processing")
        if job.fate is not Progress.DONE:
            return OutputSeen(job.fate, job.fate.value.title())
        images = tuple(
            ImageSeen(number, text, Progress.DONE, "Done")
            for number, text in enumerate(
                (f"{held.product.name} - Black bg - Cam", f"{held.product.name} - Leaf - Cam")
            )
            if number not in held.archived
        )
        return OutputSeen(Progress.DONE, "Done", images if name == SILO else ())

    def is_complete(self, held: Held, outputs: Sequence[str]) -> bool:
        """Whether a product is live, with its model and all that is wanted of it."""
        jobs = [self.jobs.get((held.product.unicode, name)) for name in outputs]
        return (
            not held.deleted
            and held.finished
            and all(
                job is not None and job.fate is Progress.DONE and self._shows(job) and job.looks >= self.running
                for job in jobs
            )
        )

    async def create_images(self, request: RenderRequest) -> str:
        before = set(self.renders)
        try:
            return await super().create_images(request)
        finally:
            if self.renders.keys() - before:
                self._note_render(request)

    def _note_render(self, request: RenderRequest) -> None:
        skus = tuple(placement.sku_id for placement in request.products)
        models = tuple(held.objects.get("model", "") for sku in skus for held in self.live(sku) if held.finished)
        if self.latest.get(request.cameras_to_render) == (skus, models):
            self.wrong.append(f"the same is rendered twice: {request.cameras_to_render} of {skus}")
        self.latest[request.cameras_to_render] = (skus, models)

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]:
        with self._call("render_images"):
            chosen: list[int | str] = []
            for name, (request, images) in self.renders.items():
                if name == render_id if render_id else sku_id in {p.sku_id for p in request.products}:
                    self.looks_at_renders[name] = self.looks_at_renders.get(name, 0) + 1
                    chosen += images if self.looks_at_renders[name] > self.unseen else []
        return tuple(RenderImage(image, "cam", Progress.DONE, "Done", "f", "", "", "", "") for image in chosen)

    def change(self, unicode: str, **fields: str) -> None:
        """Somebody else edits a product."""
        self._unique(unicode, fields)
        self.held[unicode].product = replace(self.held[unicode].product, **fields)
