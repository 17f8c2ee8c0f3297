"""The two other formats of the shop: Wavefront OBJ in a zip with its materials, and binary STL."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

import numpy as np

from assets.surface import Material, Surface, to_srgb

# The earliest time a zip can hold: the archive must not depend on when it was made.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def obj_zip(name: str, surfaces: Sequence[Surface]) -> bytes:
    """A zip of `name.obj` and `name.mtl`, one group per surface."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for filename, text in ((f"{name}.obj", _obj(name, surfaces)), (f"{name}.mtl", _mtl(surfaces))):
            entry = zipfile.ZipInfo(filename, ZIP_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, text, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _obj(name: str, surfaces: Sequence[Surface]) -> str:
    lines = [f"mtllib {name}.mtl", f"o {name}"]
    start = 1
    for surface in surfaces:
        lines += [f"g {surface.material.name}", f"usemtl {surface.material.name}"]
        lines += [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in surface.positions]
        lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in surface.normals]
        lines += [f"f {a}//{a} {b}//{b} {c}//{c}" for a, b, c in surface.faces + start]
        start += len(surface.positions)
    return "\n".join(lines) + "\n"


def _mtl(surfaces: Sequence[Surface]) -> str:
    materials = {surface.material.name: surface.material for surface in surfaces}
    return "\n".join(_mtl_entry(material) for material in materials.values())


def _mtl_entry(material: Material) -> str:
    # Kd predates colour management: viewers and converters read it as an sRGB value.
    red, green, blue = to_srgb(material.linear_colour())
    shine = 1000.0 * (1.0 - material.roughness) ** 2
    return (
        f"newmtl {material.name}\nKd {red:.4f} {green:.4f} {blue:.4f}\nKs 0.2000 0.2000 0.2000\nNs {shine:.1f}\n"
        f"Pm {material.metallic:.2f}\nPr {material.roughness:.2f}\nillum 2\n"
    )


def stl(name: str, surfaces: Sequence[Surface]) -> bytes:
    """Binary STL in metres: 80 bytes of header, a count, then 50 bytes per triangle."""
    corners = np.concatenate([surface.positions[surface.faces] for surface in surfaces]).astype("<f4")
    crosses = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    units = crosses / np.linalg.norm(crosses, axis=1, keepdims=True)
    rows = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["normal"] = np.round(units, 4) + 0.0
    rows["corners"] = corners
    # A header that began with "solid" would read as the text form of STL.
    header = f"binary STL, metres, Y up: {name}".encode().ljust(80, b"\0")
    return header + struct.pack("<I", len(corners)) + rows.tobytes()
