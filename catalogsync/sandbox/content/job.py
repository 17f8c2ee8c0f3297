"""One job in a process of its own: `python -m catalogsync.sandbox.content.job REQUEST.json`.

The request says what to make of which models and where to write it; `rendered` writes it. Standard output has one
JSON object a line: {"made": [TABLE, ID]} when the files of an image or a job exist, {"note": TEXT},
{"failed": REASON}, {"probed": true}. A model that brings the engine down ends this process and nothing else; what
its `work` folder has in it then, `rendered` removes.
"""

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from catalogsync.sandbox.content import builder, decor, rooms, sources, studio, textures
from catalogsync.sandbox.content.engine import Stage
from catalogsync.sandbox.content.limits import limit_this_process
from catalogsync.sandbox.content.plain import FLAT_COLOURS, Frames, write_frames
from catalogsync.sandbox.content.rooms import ROOMS, write_room
from catalogsync.sandbox.content.scenery import ANGLES, Set, placing_of
from catalogsync.sandbox.content.shots import Packshots
from catalogsync.sandbox.content.slim import slimmed
from catalogsync.sandbox.content.sources import NotRenderableError, Source
from catalogsync.sandbox.content.studio import Pixels
from catalogsync.sandbox.files import AR_MODEL, POSTER, SPIN_FRAMES, VIEWER_MODEL
from catalogsync.sandbox.scenes import PALETTES, SILO_SETUPS

SETUPS = {setup.title: setup for setup in SILO_SETUPS}
SPIN_SHARE = 0.75
PROBED = 7551  # the room that is built soonest
POSTER_SHARE = 0.75
LEAST_SPIN_SIZE = 64
WEBP_QUALITY, WEBP_EFFORT = 86, 2
VIEWERS = ("3d_model_viewer", "ar")


def main() -> int:
    """Do what the request of the command line says."""
    request = json.loads(Path(sys.argv[1]).read_text())
    limit_this_process(request["server"])
    try:
        # The engine mislays textures of a model whose path is relative.
        TASKS[request["task"]](request, Path(request["work"]).resolve())
    except NotRenderableError as error:
        report(failed=str(error))
    return 0


def report(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def staged(request: dict[str, Any]) -> tuple[Stage, dict[str, Path]]:
    """A stage, and the lights by their kind."""
    folder = Path(request["cache"])
    folder.mkdir(parents=True, exist_ok=True)
    return Stage(folder), {kind: kept_light(kind, folder) for kind in studio.LAMPS}


def kept_light(kind: str, folder: Path) -> Path:
    def make(path: Path) -> None:
        studio.write_hdr(studio.surroundings(kind), path)

    return kept(folder, kind, ".hdr", make)


def kept_room(scene_id: int, folder: Path) -> Path:
    def make(path: Path) -> None:
        write_room(scene_id, path)

    return kept(folder, f"room-{scene_id}", ".glb", make)


def kept(folder: Path, name: str, suffix: str, make: Callable[[Path], None]) -> Path:
    """A file that is always the same for this code, made once; several jobs may make it at the same time."""
    path = folder / f"{name}-{version()}{suffix}"
    if not path.is_file():
        fresh = folder / f"{name}-{os.getpid()}.new"
        make(fresh)
        fresh.replace(path)
    return path


@cache
def version() -> str:
    """Changes with the modules that lights and rooms are made by."""
    sources = b"".join(Path(module.__file__ or "").read_bytes() for module in (studio, builder, decor, rooms, textures))
    return hashlib.sha256(sources).hexdigest()[:12]


def opened(request: dict[str, Any], work: Path, place: str = "model") -> Source:
    folder = work / place
    folder.mkdir()
    source = sources.open_source(Path(request["model"]), request["name"], folder)
    if sources.unseen(source) == {sources.KTX2}:
        pass_on(source, request.get("jobs", ()))
    sources.check_seen(source)
    return source


def pass_on(source: Source, jobs: Iterable[dict[str, Any]]) -> None:
    """Browsers read KTX2, unlike the engine: viewers get the file and go without a poster."""
    for job in jobs:
        if job["output"] in VIEWERS:
            path = Path(job["paths"][VIEWER_MODEL])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.path.read_bytes())
            report(made=("jobs", job["id"]))


def probe(request: dict[str, Any], _work: Path) -> None:
    """Draw something small: whether the engine works on this machine."""
    stage, lights = staged(request)
    stage.light(lights["soft"])
    stage.load(Source(kept_room(PROBED, Path(request["cache"]))))
    report(probed=True)


def make_product(request: dict[str, Any], work: Path) -> None:
    """The silo images of a product, then its viewers, then spins. The engine must show it, whatever is wanted."""
    stage, lights = staged(request)
    stage.light(lights["soft"])
    source = opened(request, work)
    stage.load(slimmed(source, work / "slim.glb"))
    product = Product(source, Packshots(stage, lights), request["size"], work)
    for item in request["images"]:
        product.write_silo(item)
    for job in request["jobs"]:
        product.write_content(job["output"], {name: Path(path) for name, path in job["paths"].items()})
        report(made=("jobs", job["id"]))


class Product:
    """Writes the files of one product; what several of them need is made once."""

    def __init__(self, source: Source, shots: Packshots, size: int, work: Path) -> None:
        self._source, self._shots, self._size, self._work = source, shots, size, work
        self._spins: list[bytes] = []

    def write_silo(self, item: dict[str, Any]) -> None:
        silo = self._shots.silo(SETUPS[item["setup"]], self._size)
        write(item, Frames(as_image(silo.final), as_image(silo.filmic), flat([silo.cover])))

    def write_content(self, output: str, paths: dict[str, Path]) -> None:
        """The files of a 3D viewer, AR or spin job; spins for a viewer too, when there is no GLB."""
        paths[SPIN_FRAMES[0]].parent.mkdir(parents=True, exist_ok=True)
        paths[POSTER].write_bytes(self._poster)
        if output in VIEWERS and self._glb is not None:
            paths[VIEWER_MODEL].write_bytes(self._glb.read_bytes())
            if output == "ar":
                make_usdz(self._glb, paths[AR_MODEL])
            return
        for name, frame in zip(SPIN_FRAMES, self._frames(), strict=True):
            paths[name].write_bytes(frame)

    @cached_property
    def _poster(self) -> bytes:
        edge = round(self._size * POSTER_SHARE)
        return webp(as_image(self._shots.poster(self._size)).resize((edge, edge), Image.Resampling.LANCZOS))

    @cached_property
    def _glb(self) -> Path | None:
        path = self._work / "viewer.glb"
        return path if sources.write_glb(self._source, path) else None

    def _frames(self) -> list[bytes]:
        if not self._spins:
            edge = max(LEAST_SPIN_SIZE, round(self._size * SPIN_SHARE))
            self._spins = [webp(as_image(frame)) for frame in self._shots.spin(edge, len(SPIN_FRAMES))]
        return self._spins


def make_scene(request: dict[str, Any], work: Path) -> None:
    stage, lights = staged(request)
    room = ROOMS[request["scene_id"]]
    built = Set(stage, room, kept_room(request["scene_id"], Path(request["cache"])), lights)
    placed = []
    for index, product in enumerate(request["products"]):
        source = dressed(opened(product, work, str(index)), product["material_id"], work / f"{index}.glb")
        source = slimmed(source, work / f"slim-{index}.glb")
        placed.append((source, placing_of(product["position"], product["rotation"], request["units"])))
    built.invite(placed)
    angles = [ANGLES[int(item["setup"])] for item in request["images"]]
    for item, take in zip(request["images"], built.takes(angles, request["size"]), strict=True):
        write(item, Frames(as_image(take.final), as_image(take.filmic), flat(list(take.covers))))


def dressed(source: Source, material_id: int | None, out: Path) -> Source:
    """The model in another material, where it can be had as a GLB."""
    palette = PALETTES.get(material_id) if material_id is not None else None
    if palette is None:
        return source
    if not sources.write_glb(source, out):
        report(note=f"{source.suffix} keeps its own material")
        return source
    out.write_bytes(sources.wear(out.read_bytes(), palette.colour, palette.metallic, palette.roughness))
    return Source(out)


def make_usdz(glb: Path, out: Path) -> None:
    """AR's file for Apple devices, where the model allows it."""
    try:
        from catalogsync.sandbox.content import usdz

        usdz.write_usdz(glb, out)
    except (ValueError, MemoryError, RecursionError) as error:
        out.unlink(missing_ok=True)
        report(note=f"no USDZ: {str(error) or type(error).__name__}")


def write(item: dict[str, Any], frames: Frames) -> None:
    write_frames(frames, {name: Path(path) for name, path in item["paths"].items()})
    report(made=("images", item["id"]))


def flat(covers: list[Pixels]) -> Image.Image:
    """The colour pass: one flat colour for each product on black."""
    picture = np.zeros((*covers[0].shape, 3), np.float32)
    for index, cover in enumerate(covers):
        picture += cover[..., None] * np.array(FLAT_COLOURS[index % len(FLAT_COLOURS)], np.float32) / 255
    return as_image(np.clip(picture, 0, 1))


def as_image(pixels: Pixels) -> Image.Image:
    """RGB as it is; premultiplied RGBA as Pillow has it."""
    if pixels.shape[-1] == 4:  # noqa: PLR2004 - RGBA
        alpha = pixels[..., 3:]
        pixels = np.concatenate([pixels[..., :3] / np.maximum(alpha, 1e-6), alpha], axis=-1)
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))


def webp(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=WEBP_QUALITY, method=WEBP_EFFORT)
    return file.getvalue()


TASKS: dict[str, Callable[[dict[str, Any], Path], None]] = {
    "probe": probe,
    "product": make_product,
    "scene": make_scene,
}

if __name__ == "__main__":
    sys.exit(main())
