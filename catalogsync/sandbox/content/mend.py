r"""Names of textures and parts as their archive has them: made on another machine, they are spelled for that machine.

Exporters write `.\wood.jpg`, `C:\work\Wood.JPG`, `file:///textures/wood.jpg` or `../textures/wood.jpg`, and the
archive has `Textures/wood.jpg`. What a model names and the engine would not find gets the name of the file in the
archive that is meant. Only unpacked copies are changed. Pure of f3d.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

MAX_TEXT_BYTES = 64 * 1024**2
PART = re.compile(rb"^(\s*(?:map_\w+|bump|disp|decal|refl|norm)\s+)(.*?)(\s*)$", re.MULTILINE | re.IGNORECASE)
LIBRARY = re.compile(rb"^(mtllib\s+)(.*?)(\s*)$", re.MULTILINE | re.IGNORECASE)
INIT_FROM = re.compile(rb"(<init_from>\s*(?:<ref>\s*)?)([^<]+?)(\s*<)")
EMBEDDED_NAME = re.compile(rb"[^\x00-\x1f\"*?<>|]{1,200}\.(?:png|jpe?g|tga|bmp|tiff?)", re.IGNORECASE)


class Files:
    """The files of an unpacked archive, as those in one folder of it name them."""

    def __init__(self, root: Path, base: Path) -> None:
        self._base = base
        self._found = [path for path in sorted(root.rglob("*")) if path.is_file() and "__MACOSX" not in path.parts]

    def meant(self, name: str) -> Path | None:
        """The file that `name` means, the one with most of its folders in common; None when there is none."""
        wanted = [part.lower() for part in re.split(r"[\\/]+", name.strip().strip('"'))]

        def shared(path: Path) -> int:
            pairs = zip(reversed(wanted), reversed(path.parts), strict=False)
            return len([*takewhile(lambda pair: pair[0] == pair[1].lower(), pairs)])

        best = max(self._found, key=shared, default=None)
        return best if best is not None and shared(best) else None

    def new_name(self, name: str) -> str | None:
        """What to write in the place of `name`, from the model's folder on; None where nothing is to be changed."""
        if "\\" not in name and not name.startswith("/") and (self._base / name).is_file():
            return None
        path = self.meant(name)
        return None if path is None else self.from_base(path)

    def from_base(self, path: Path) -> str:
        """The file's name from the model's folder on. Converters look no further up: what is outside is linked in."""
        if path.is_relative_to(self._base):
            return path.relative_to(self._base).as_posix()
        alias = self._base / f"{self._found.index(path)}-{path.name}"
        if not alias.exists():
            os.link(path, alias)
        return alias.name


def mend(model: Path, root: Path) -> None:
    """Let the model, unpacked with all else of its archive into `root`, name the files that are there."""
    mending = MENDING.get(model.suffix.lower())
    if mending is not None and model.stat().st_size <= MAX_TEXT_BYTES:
        with suppress(OSError, ValueError, RecursionError):  # a name that no file system takes is one that is not found
            mending(model, Files(root, model.parent))


def mend_obj(model: Path, files: Files) -> None:
    replace(model, LIBRARY, files.new_name)
    for library in LIBRARY.finditer(model.read_bytes()):
        path = model.parent / text_of(library[2])
        if path.is_file():
            replace(path, PART, lambda said: new_part(files, said))


def new_part(files: Files, said: str) -> str:
    """The options of a map as they are, and behind them the file: its name may have spaces, as options do.

    Empty when no file is meant: the engine would paint by coordinates instead.
    """
    words = said.split(" ")
    for first in range(len(words)):
        path = files.meant(" ".join(words[first:]))
        if path is not None:
            return " ".join([*words[:first], files.from_base(path)])
    return ""


def mend_dae(model: Path, files: Files) -> None:
    def new_reference(said: str) -> str | None:
        # Images of other profiles are named by their ids here, which are no files and stay.
        name = files.new_name(unquote(said.removeprefix("file://")))
        return None if name is None else quote(name)

    replace(model, INIT_FROM, new_reference)


def mend_gltf(model: Path, files: Files) -> None:
    document = json.loads(model.read_bytes())
    changed = False
    for item in references(document):
        name = files.new_name(unquote(item["uri"]))
        if name is not None:
            item["uri"], changed = quote(name), True
    if changed:
        model.write_text(json.dumps(document))


def references(document: Any) -> Iterator[dict[str, Any]]:
    """The buffers and images of a glTF document that are files of their own."""
    for kind in ("buffers", "images"):
        items = document.get(kind, ()) if isinstance(document, dict) else ()
        for item in items if isinstance(items, list) else ():
            uri = item.get("uri") if isinstance(item, dict) else None
            if isinstance(uri, str) and not uri.startswith("data:"):
                yield item


def mend_binary(model: Path, files: Files) -> None:
    """A binary file cannot be rewritten, but the engine looks for each texture beside it too, by its bare name."""
    for said in {match[0] for match in EMBEDDED_NAME.finditer(model.read_bytes())}:
        name = text_of(said)
        path, alias = files.meant(name), model.parent / re.split(r"[\\/]+", name)[-1]
        if path is not None and not alias.exists():
            os.link(path, alias)


def replace(path: Path, pattern: re.Pattern[bytes], new_name: Callable[[str], str | None]) -> None:
    """Write what `new_name` gives in the place of the pattern's second group: None leaves it, "" removes the whole."""

    def new(match: re.Match[bytes]) -> bytes:
        name = new_name(text_of(match[2]))
        if name is None:
            return match[0]
        return match[1] + name.encode() + match[3] if name else b""

    text = path.read_bytes()
    mended = pattern.sub(new, text)
    if mended != text:
        path.write_bytes(mended)


def text_of(said: bytes) -> str:
    try:
        return said.decode()
    except UnicodeDecodeError:
        return said.decode("latin-1")


MENDING: dict[str, Callable[[Path, Files], None]] = {
    ".obj": mend_obj,
    ".dae": mend_dae,
    ".gltf": mend_gltf,
    ".fbx": mend_binary,
    ".3ds": mend_binary,
}
