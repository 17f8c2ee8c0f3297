"""docs/sandbox.md names every setting, address, fault and scene there is."""

from dataclasses import fields
from pathlib import Path

import pytest

from catalogsync.sandbox import SandboxSettings
from catalogsync.sandbox.app import ENDPOINTS, OTHERS, ZAPIER
from catalogsync.sandbox.faults import ACTS
from catalogsync.sandbox.presets import PRESETS
from catalogsync.sandbox.scenes import SCENES
from catalogsync.sandbox.settings import PREFERRED_PORT

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
PATHS = {endpoint.path for endpoint in ENDPOINTS} | set(ZAPIER) | {path for _, path, _ in OTHERS}
NAMES = [
    *(f"`{field.name}`" for field in fields(SandboxSettings)),
    *sorted(path.split("{")[0] for path in PATHS),
    *(f"`{act}`" for act in ACTS),
    *(f"| `{name}` | {preset.does} |" for name, preset in PRESETS.items()),
    *(str(camera.id) for scene in SCENES.values() for camera in scene.cameras),
    *(str(scene_id) for scene_id in SCENES),
    str(PREFERRED_PORT),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names(name: str) -> None:
    assert name in PAGE


def test_the_page_tells_the_defaults() -> None:
    for field in fields(SandboxSettings):
        if isinstance(field.default, int | float | str) and field.name != "max_upload_bytes":
            assert f"| `{field.name}` | {field.default} |" in PAGE
