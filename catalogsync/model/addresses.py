"""Addresses: the stable name of each resource, `kind.key`."""

from __future__ import annotations

PRODUCT = "product"
CONTENT = "content"
RENDER = "render"
# Addresses of ours that no manifest names: a product being made to replace another, and the one it replaced.
REPLACEMENT = "replacement"
REPLACEMENT_CONTENT = "replacement-content"
RETIRED = "retired"
STRAY = "stray"  # a product that a lost state left behind, bound only to be deleted; its key is its sku_id


def product_address(key: str) -> str:
    return f"{PRODUCT}.{key}"


def content_address(key: str) -> str:
    return f"{CONTENT}.{key}"


def render_address(name: str) -> str:
    return f"{RENDER}.{name}"


def replacement_address(key: str) -> str:
    return f"{REPLACEMENT}.{key}"


def replacement_content_address(key: str) -> str:
    return f"{REPLACEMENT_CONTENT}.{key}"


def retired_address(key: str) -> str:
    return f"{RETIRED}.{key}"


def stray_address(sku_id: str) -> str:
    return f"{STRAY}.{sku_id}"


def kind_of(address: str) -> str:
    """`product`, `content`, `render`, or one of the kinds that no manifest names."""
    return address.partition(".")[0]


def key_of(address: str) -> str:
    """What follows the kind: a product's key or a render's name."""
    return address.partition(".")[2]
