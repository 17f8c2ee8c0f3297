"""CSV includes: one product a row, the header holds product keys, values are taken as they are written.

A place's column is the number of the cell in its row, counted from 1: quoting hides where a cell's text begins.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from catalogsync.manifest.reader import Note
from catalogsync.manifest.tree import Block, Items, mark
from catalogsync.manifest.words import suggestion

COLUMNS = (
    *("sku_id", "key", "gtin", "salsify_id", "name", "main_asset_name"),
    *("model", "thumbnail", "outputs", "protect"),
)


def read_csv(text: str, note: Note) -> Block | None:
    """The products of a CSV file as a document with one key, `products`; None when it cannot be read."""
    rows = _rows(text, note)
    header = next(rows, None)
    if header is None:
        note("empty-file", 0, "the file has nothing in it", "write a header such as sku_id,name,model, or remove it")
        return None
    names = [name.strip() for name in header[1]]
    if not _header_holds(names, header[0], note):
        return None
    document = Block(mark(0, 0))
    products = Items(mark(0, 0))
    for line, row in rows:
        if len(row) != len(names):
            message = f"the row has {len(row)} cells, the header {len(names)}"
            note("csv-row", mark(line, 0), message, "put quotes around cells that hold a comma")
        else:
            products.add(_product(names, row, line), mark(line, 0))
    document.put("products", products, mark(0, 0), mark(0, 0))
    return document


def _rows(text: str, note: Note) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with its first line counted from 0."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 0
    try:
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num
    except csv.Error as error:
        note("csv-syntax", mark(line, 0), str(error), "close the quotes; write a quote inside a cell twice")


def _header_holds(names: list[str], line: int, note: Note) -> bool:
    for index, name in enumerate(names):
        if name not in COLUMNS:
            note("unknown-key", mark(line, index), f"there is no column `{name}`", suggestion(name, list(COLUMNS)))
        elif name in names[:index]:
            note("duplicate-key", mark(line, index), f"the column `{name}` is there twice", "keep one of them")
    if "sku_id" not in names:
        note("missing-key", mark(line, 0), "there is no column `sku_id`", "add it: every product needs its sku_id")
    return "sku_id" in names


def _product(names: list[str], row: list[str], line: int) -> Block:
    """A row as a product; an empty cell is a key that is left out."""
    product = Block(mark(line, 0))
    for index, (name, text) in enumerate(zip(names, row, strict=True)):
        at = mark(line, index, plain=1)
        if text and name in COLUMNS and name not in product:
            product.put(name, _outputs(text, at) if name == "outputs" else text, at, at)
    return product


def _outputs(text: str, at: int) -> Items:
    outputs = Items(at)
    for name in text.split(";"):
        if name.strip():
            outputs.add(name.strip(), at)
    return outputs
