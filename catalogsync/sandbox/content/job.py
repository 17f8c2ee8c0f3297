"""One job in a process of its own: `python -m catalogsync.sandbox.content.job REQUEST.json`.

The request says what to make of which models and where to write it; `rendered` writes it. Standard output has one
JSON object a line: {"made": ID} when the files of an image exist, {"note": TEXT}, {"failed": REASON}, {"probed": true}.
A model that brings the engine down ends this process and nothing else.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from catalogsync.sandbox.content import sources, studio
from catalogsync.sandbox.content.engine import Stage
from catalogsync.sandbox.content.limits import limit_this_process
from catalogsync.sandbox.content.plain import FLAT_COLOURS, Frames, write_frames
from catalogsync.sandbox.content.rooms import ROOMS, write_room
from catalogsync.sandbox.content.scenery import ANGLES, Set, placing_of
from catalogsync.sandbox.content.shots import Packshots
from catalogsync.sandbox.content.sources import NotRenderableError, Source
from catalogsync.sandbox.content.studio import Pixels
from catalogsync.sandbox.files import AR_MODEL, POSTER, SPIN_FRAMES, VIEWER_MODEL
from catalogsync.sandbox.scenes import PALETTES, SILO_SETUPS

SETUPS = {setup.title: setup for setup in SILO_SETUPS}
SPIN_SHARE = 0.4
POSTER_SHARE = 0.75
LEAST_SPIN_SIZE = 64
WEBP_QUALITY = 88
VIEWERS = ("3d_model_viewer", "ar")


def main() -> int:
    """Do what the request of the command line says."""
    limit_this_process()
    request = json.loads(Path(sys.argv[1]).read_text())
    with tempfile.TemporaryDirectory(prefix="catalogsync-") as work:
        try:
            TASKS[request["task"]](request, Path(work))
        except NotRenderableError as error:
            report(failed=str(error))
    return 0


def report(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def staged(request: dict[str, Any]) -> tuple[Stage, dict[str, Path]]:
    """A stage, and the lights by their kind."""
    cache = Path(request["cache"])
    cache.mkdir(parents=True, exist_ok=True)
    return Stage(cache), {kind: kept_light(kind, cache) for kind in studio.LAMPS}


def kept_light(kind: str, cache: Path) -> Path:
    """The file of a light; several jobs may make it at the same time."""
    path = cache / f"{kind}.hdr"
    fresh = cache / f"{kind}.{os.getpid()}.new"
    studio.write_hdr(studio.surroundings(kind), fresh)
    if path.is_file() and path.read_bytes() == fresh.read_bytes():
        fresh.unlink()
    else:
        fresh.replace(path)
    return path


def opened(request: dict[str, Any], work: Path, place: str = "model") -> Source:
    folder = work / place
    folder.mkdir()
    return sources.open_source(Path(request["model"]), request["name"], folder)


def probe(request: dict[str, Any], work: Path) -> None:
    """Draw something small: whether the engine works on this machine."""
    stage, lights = staged(request)
    stage.light(lights["soft"])
    room = work / "room.glb"
    write_room(next(iter(ROOMS)), room)
    stage.load(Source(room))
    report(probed=True)


def make_silo(request: dict[str, Any], work: Path) -> None:
    stage, lights = staged(request)
    stage.light(lights["soft"])
    stage.load(opened(request, work))
    shots = Packshots(stage, lights)
    for item in request["images"]:
        silo = shots.silo(SETUPS[item["setup"]], request["size"])
        write(item, Frames(as_image(silo.final), as_image(silo.filmic), flat([silo.cover])))


def make_scene(request: dict[str, Any], work: Path) -> None:
    stage, lights = staged(request)
    built = Set(stage, request["scene_id"], lights, work)
    placed = []
    for index, product in enumerate(request["products"]):
        source = dressed(opened(product, work, str(index)), product["material_id"], work / f"{index}.glb")
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


def make_content(request: dict[str, Any], work: Path) -> None:
    """The files of a 3D viewer, AR or spin job. The model must be one the engine shows, whatever the output."""
    stage, lights = staged(request)
    stage.light(lights["soft"])
    source = opened(request, work)
    stage.load(source)
    shots = Packshots(stage, lights)
    paths = {name: Path(path) for name, path in request["paths"].items()}
    paths[SPIN_FRAMES[0]].parent.mkdir(parents=True, exist_ok=True)
    save_webp(shots.poster(round(request["size"] * POSTER_SHARE)), paths[POSTER])
    viewer, glb = request["output"] in VIEWERS, work / "viewer.glb"
    has_glb = viewer and sources.write_glb(source, glb)
    if has_glb:
        paths[VIEWER_MODEL].write_bytes(glb.read_bytes())
    if has_glb and request["output"] == "ar":
        make_usdz(glb, paths[AR_MODEL])
    if not has_glb:
        edge = max(LEAST_SPIN_SIZE, round(request["size"] * SPIN_SHARE))
        for name, frame in zip(SPIN_FRAMES, shots.spin(edge, len(SPIN_FRAMES)), strict=True):
            save_webp(frame, paths[name])


def make_usdz(glb: Path, out: Path) -> None:
    """AR's file for Apple devices, where the model allows it."""
    try:
        from catalogsync.sandbox.content import usdz

        usdz.write_usdz(glb, out)
    except ValueError as error:
        report(note=f"no USDZ: {error}")


def write(item: dict[str, Any], frames: Frames) -> None:
    write_frames(frames, {name: Path(path) for name, path in item["paths"].items()})
    report(made=item["id"])


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


def save_webp(pixels: Pixels, path: Path) -> None:
    as_image(pixels).save(path, "WEBP", quality=WEBP_QUALITY, method=3)


TASKS: dict[str, Callable[[dict[str, Any], Path], None]] = {
    "probe": probe,
    "silo": make_silo,
    "scene": make_scene,
    "content": make_content,
}

if __name__ == "__main__":
    sys.exit(main())
