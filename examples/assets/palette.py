"""The shop's materials. One object per name: parts that share it share one glTF material and one texture."""

from __future__ import annotations

from functools import cache

from assets import textures
from assets.rug_pattern import rug
from assets.surface import Material

BRASS = Material("brushed-brass", "#d9ae62", metallic=1.0, roughness=0.30)
BLACK = Material("black-powder-coat", "#232426", metallic=0.0, roughness=0.42)
GLOW = Material("warm-bulb", "#fff3dc", roughness=0.5, emission="#ffdf9c")
GOLD_INSIDE = Material("gilded-inside", "#e7bd72", metallic=0.75, roughness=0.36)
SAGE = Material("sage-enamel", "#8ea58c", roughness=0.30)
LIT_ENAMEL = Material("lit-enamel", "#f6ead2", roughness=0.5, emission="#b8965c")
TIER_ENAMEL = Material("glowing-tier", "#f3efe6", roughness=0.4, emission="#a09078")
TERRACOTTA = Material("terracotta-glaze", "#b9583a", roughness=0.24)
BISQUE = Material("matte-bisque", "#ddd3c4", roughness=0.72)
OCHRE_COAT = Material("ochre-powder-coat", "#d19a2e", roughness=0.40)
POLAR = Material("polar-laminate", "#f1eee8", roughness=0.28)
RED_STAIN = Material("red-stained-beech", "#b23a2e", roughness=0.45)
NATURAL_BEECH = Material("natural-beech", "#d9b48a", roughness=0.5)
MUSTARD = Material("mustard-velvet", "#c98a1f", roughness=0.85)
FRINGE = Material("cotton-fringe", "#cbb48a", roughness=0.95)


@cache
def marble() -> Material:
    return Material("white-marble", roughness=0.22, texture=textures.marble("#f4f2ee", "#8f9197", 7))


@cache
def linen() -> Material:
    weave = textures.weave("#fbf1de", "#f6e9d0", 3, threads=32, slub=0.03)
    return Material("lit-linen", roughness=0.9, emission="#6b5434", texture=weave)


@cache
def boucle() -> Material:
    return Material("ivory-boucle", roughness=0.95, texture=textures.boucle("#b9ab97", "#f4ecdf", 12))


@cache
def sea_weave() -> Material:
    return Material("sea-weave", roughness=0.92, texture=textures.weave("#39727a", "#2f5f70", 21))


@cache
def oak() -> Material:
    return Material("oiled-oak", roughness=0.48, texture=textures.wood("#8f6438", "#cda873", 31))


@cache
def walnut() -> Material:
    return Material("oiled-walnut", roughness=0.44, texture=textures.wood("#4f3220", "#8d6141", 47))


@cache
def flatweave() -> Material:
    return Material("flat-weave", roughness=0.96, texture=rug())
