"""Addresses: the stable name of each resource, `kind.key`."""

from __future__ import annotations

PRODUCT = "product"
CONTENT = "content"
RENDER = "render"


def product_address(key: str) -> str:
    return f"{PRODUCT}.{key}"


def content_address(key: str) -> str:
    return f"{CONTENT}.{key}"


def render_address(name: str) -> str:
    return f"{RENDER}.{name}"


def kind_of(address: str) -> str:
    """`product`, `content` or `render`."""
    return address.partition(".")[0]


def key_of(address: str) -> str:
    """What follows the kind: a product's key or a render's name."""
    return address.partition(".")[2]
