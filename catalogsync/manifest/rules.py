"""Every rule that the manifest is held to: its id, how bad a breach is and what causes it.

The ids are stable: messages show them and people search for them. `docs/rules.md` explains each one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogsync.errors import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    cause: str
    severity: Severity = Severity.ERROR


RULES: dict[str, Rule] = {
    # Files and includes
    "file-missing": Rule("A given manifest file or folder does not exist, or the folder holds no manifest."),
    "file-unreadable": Rule("A file cannot be opened or read."),
    "file-type": Rule("A given or included file is neither YAML nor CSV by its extension."),
    "include-missing": Rule("An include names a file that does not exist, or a glob that matches none."),
    "include-cycle": Rule("A file includes itself, directly or through others."),
    "include-outside": Rule("An included file is outside the manifest's folder."),
    # Text and YAML
    "encoding": Rule("A file is not UTF-8."),
    "yaml-syntax": Rule("The text is not YAML."),
    "empty-file": Rule("A file has nothing in it."),
    "several-documents": Rule("A file has more than one YAML document."),
    "duplicate-key": Rule("A mapping, or the header of a CSV file, has the same key twice."),
    "key-not-text": Rule("A key of a mapping is a list or a mapping."),
    "yaml-tag": Rule("A value has a YAML tag that has no meaning here."),
    "unknown-alias": Rule("An alias has no anchor before it."),
    "merge-value": Rule("A merge key names something that is not a mapping."),
    "too-many-aliases": Rule("Aliases repeat far more than the file holds: an alias bomb."),
    "too-deep": Rule("Lists and mappings are nested too deep."),
    # CSV
    "csv-syntax": Rule("The text is not CSV."),
    "csv-row": Rule("A row has more or fewer cells than the header."),
    # Shape
    "unknown-key": Rule("A key that the format does not have."),
    "missing-key": Rule("A required key is not there."),
    "wrong-type": Rule("A value is of another type than the format wants."),
    "not-allowed": Rule("A value is not one of the allowed ones."),
    "bad-format": Rule("A text does not have the wanted form."),
    "out-of-range": Rule("A number is too small or too large."),
    "wrong-length": Rule("A list has too few or too many items."),
    "repeated-item": Rule("A list has the same item twice."),
    "schema": Rule("A value breaks the schema in another way."),
    # Meaning
    "given-twice": Rule("Two manifest files both give a key that may be given once."),
    "main-file-only": Rule("An included file has a key that only the manifest may have."),
    "duplicate-sku-id": Rule("Two products have the same sku_id."),
    "duplicate-gtin": Rule("Two products have the same gtin."),
    "duplicate-salsify-id": Rule("Two products have the same salsify_id."),
    "duplicate-product-key": Rule("Two products have the same key, so the same address."),
    "duplicate-render": Rule("Two renders have the same name, so the same address."),
    "ambiguous-address": Rule("A sku_id that holds spaces would stand in the product's address."),
    "archive-without-silo": Rule("Archive patterns are given for an output other than silo."),
    "gtin-check": Rule("A gtin has a wrong length or a wrong check digit.", Severity.WARNING),
    "outer-space": Rule("A name begins or ends with a space.", Severity.WARNING),
    "unknown-product": Rule("A render places a product that the catalog does not have."),
    "bad-move": Rule("A move contradicts the catalog or another move."),
    "bad-removal": Rule("An address under removed: is still wanted, or is the old address of a move."),
    "asset-remote": Rule("A model or thumbnail is a URL."),
    "asset-outside": Rule("A model or thumbnail is outside the manifest's folder."),
    "model-extension": Rule("A model file has an extension that the remote does not take."),
    "thumbnail-extension": Rule("A thumbnail has an extension that the remote does not take."),
}
