"""One case or more for every rule: files in, problems out. `catalog.yaml` is the given file unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = "version: 1\ncatalog: shop\n"
ROWS = "sku_id,gtin,name\n"


@dataclass(frozen=True)
class Case:
    name: str
    files: dict[str, str | bytes]
    says: list[str]
    paths: tuple[str, ...] = ()
    options: dict[str, bool] = field(default_factory=dict)

    @property
    def rules(self) -> set[str]:
        return {line.partition("[")[2].partition("]")[0] for line in self.says}


def one(name: str, text: str | bytes, *says: str, **files: str) -> Case:
    """A manifest with a good head and `text` from line 3 on."""
    body = HEAD.encode() + text if isinstance(text, bytes) else HEAD + text
    return Case(name, {"catalog.yaml": body, **files}, list(says))


def product(name: str, line: str, *says: str) -> Case:
    """A product with one more line, which is line 5."""
    return one(name, f"products:\n  - sku_id: A\n    {line}\n", *says)


def render(name: str, line: str, *says: str) -> Case:
    """A product A and a render with one more line, which is line 10."""
    text = (
        "products: [{sku_id: A}]\nrenders:\n  - name: hero\n    scene_id: 1\n    cameras_to_render: [2]\n"
        "    products:\n      - sku_id: A\n        "
    )
    return one(name, f"{text}{line}\n", *says)


FILES = [
    Case(
        "a given file is not there",
        {},
        ["catalog.yaml error[file-missing] there is no such file (name another with -f, or write it)"],
    ),
    Case(
        "a folder without manifests",
        {"empty/readme.txt": ""},
        [
            (
                "empty error[file-missing] the folder holds no *.yaml or *.yml file "
                "(name a manifest file, or write catalog.yaml there)"
            )
        ],
        ("empty",),
    ),
    Case(
        "a path through a file",
        {"catalog.yaml": HEAD},
        [
            (
                "catalog.yaml/more.yaml error[file-unreadable] the file cannot be read: Not a directory "
                "(check its permissions)"
            )
        ],
        ("catalog.yaml", "catalog.yaml/more.yaml"),
    ),
    Case(
        "a file of another type",
        {"catalog.json": "{}"},
        ["catalog.json error[file-type] the file is not .yaml, .yml or .csv (rename it or leave it out)"],
        ("catalog.json",),
    ),
    one(
        "an include that is not there",
        "include: [products.yaml, more/*.yaml]\n",
        'catalog.yaml:3:11 error[include-missing] there is no file "products.yaml" '
        "(correct the path; it is relative to this file)",
        'catalog.yaml:3:26 error[include-missing] no file matches "more/*.yaml" '
        "(correct the path; it is relative to this file)",
    ),
    Case(
        "files that include each other",
        {
            "catalog.yaml": HEAD + "include: [a.yaml]\n",
            "a.yaml": "include: [b.yaml]\n",
            "b.yaml": "include: [a.yaml]\n",
        },
        [
            (
                "b.yaml:1:11 error[include-cycle] files include each other: a.yaml includes b.yaml includes a.yaml "
                "(remove one of the includes)"
            )
        ],
    ),
    Case(
        "an include outside",
        {"catalog.yaml": HEAD + "include: [../other.yaml]\n", "../other.yaml": "products: []\n"},
        [
            (
                "catalog.yaml:3:11 error[include-outside] {above}/other.yaml is outside the manifest's folder "
                "(move it below that folder, or pass --allow-outside)"
            )
        ],
    ),
    Case(
        "an include outside is allowed on demand",
        {"catalog.yaml": HEAD + "include: [../other.yaml]\n", "../other.yaml": "products: []\n"},
        [],
        options={"allow_outside": True},
    ),
]

TEXT = [
    one(
        "bytes that are not UTF-8",
        b"products:\n  - sku_id: A\n    name: Caf\xe9\n",
        "catalog.yaml:5:14 error[encoding] the text is not UTF-8 here (save the file as UTF-8)",
    ),
    Case(
        "UTF-16",
        {"catalog.yaml": HEAD.encode("utf-16")},
        ["catalog.yaml:1:1 error[encoding] the file is UTF-16 (save the file as UTF-8)"],
    ),
    Case("a UTF-8 byte order mark is no harm", {"catalog.yaml": b"\xef\xbb\xbf" + HEAD.encode()}, []),
    one(
        "a tab for indentation",
        "products:\n\t- sku_id: A\n",
        "catalog.yaml:4:1 error[yaml-syntax] found character that cannot start any token, "
        "while scanning for the next token (indent with spaces; YAML does not allow tabs there)",
    ),
    one(
        "a bracket that is not closed",
        "products: [{sku_id: A}\nrenders: []\n",
        "catalog.yaml:4:1 error[yaml-syntax] did not find expected ',' or ']', while parsing a flow sequence "
        "(look at this line and the one before it: indentation, a missing quote, ':' or bracket)",
    ),
    one(
        "a control character",
        "products:\n  - sku_id: A\a\n",
        "catalog.yaml:4:14 error[yaml-syntax] control characters are not allowed (#x0007) (remove the character)",
    ),
    Case(
        "a file of comments only",
        {"catalog.yaml": "# nothing yet\n"},
        ["catalog.yaml error[empty-file] the file has nothing in it (write products into it, or remove it)"],
    ),
    Case(
        "an empty document",
        {"catalog.yaml": "---\n"},
        ["catalog.yaml error[empty-file] the file has nothing in it (write products into it, or remove it)"],
    ),
    one(
        "two documents",
        "---\nproducts: []\n",
        "catalog.yaml:3:1 error[several-documents] the file has more than one YAML document "
        "(put each document into a file of its own and include it)",
    ),
    Case(
        "a list in place of a manifest",
        {"catalog.yaml": "- a\n"},
        [
            (
                "catalog.yaml:1:1 error[wrong-type] a manifest must be a mapping of keys "
                "(start with `version: 1`, then `catalog:` and `products:`)"
            )
        ],
    ),
    product(
        "a key twice",
        "name: x\n    name: y",
        "catalog.yaml:6:5 error[duplicate-key] `name` is given twice in one mapping, first in line 5, again in line 6 "
        "(keep one of them)",
    ),
    product(
        "a template in place of text",
        "name: {{ name }}",
        "catalog.yaml:5:11 error[wrong-type] `name` must be text, not a mapping "
        "(write it as text; put quotes around text that begins with '{' or '[')",
        "catalog.yaml:5:12 error[key-not-text] a key must be text "
        "(write the key as text; put quotes around a value that begins with '{' or '[')",
    ),
    product(
        "a tag",
        "name: !secret x",
        "catalog.yaml:5:11 error[yaml-tag] the tag !secret has no meaning here (remove the tag)",
    ),
    product(
        "a tag of a list",
        "outputs: !!set [ar]",
        "catalog.yaml:5:14 error[yaml-tag] the tag !!set has no meaning here (remove the tag)",
    ),
    product(
        "an alias of nothing",
        "name: *base",
        "catalog.yaml:5:11 error[unknown-alias] the alias *base has no anchor before it "
        "(write &base at a value above this line)",
    ),
    one(
        "an alias inside what it names",
        "products: &all\n  - *all\n",
        "catalog.yaml:4:5 error[unknown-alias] the alias *all is inside what it names "
        "(write &all at a value above this line)",
    ),
    product(
        "a merge of text",
        "<<: base",
        "catalog.yaml:5:9 error[merge-value] `<<` names something that is not a mapping "
        "(merge a mapping: `<<: *name`, or a list of them)",
    ),
    one(
        "a billion laughs",
        "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
        "catalog.yaml:8:11 error[too-many-aliases] aliases expand to more than 100,000 values "
        "(write the values out, or alias smaller parts)",
    ),
    one(
        "a thousand brackets",
        "include: " + "[" * 1000 + "]" * 1000 + "\n",
        "catalog.yaml:3:73 error[too-deep] more than 64 lists and mappings inside each other "
        "(nothing in a manifest is nested that deep; look for a stray '[')",
    ),
]

CSV = [
    one(
        "quotes that are not closed",
        "include: [more.csv]\n",
        "more.csv:3:1 error[csv-syntax] unexpected end of data (close the quotes; write a quote inside a cell twice)",
        **{"more.csv": ROWS + 'A,,x\nB,,"y\n'},
    ),
    one(
        "a row that is too long",
        "include: [more.csv]\n",
        "more.csv:2:1 error[csv-row] the row has 4 cells, the header 3 (put quotes around cells that hold a comma)",
        **{"more.csv": ROWS + "A,,Lamp, big\nB,,y\n"},
    ),
    one(
        "an unknown column",
        "include: [more.csv]\n",
        "more.csv:1:2 error[unknown-key] there is no column `gtn` (did you mean `gtin`?)",
        **{"more.csv": "sku_id,gtn\nA,1\n"},
    ),
    one(
        "a column twice",
        "include: [more.csv]\n",
        "more.csv:1:3 error[duplicate-key] the column `name` is there twice (keep one of them)",
        **{"more.csv": "sku_id,name,name\nA,x,y\n"},
    ),
    one(
        "no sku_id column",
        "include: [more.csv]\n",
        "more.csv:1:1 error[missing-key] there is no column `sku_id` (add it: every product needs its sku_id)",
        **{"more.csv": "name\nA\n"},
    ),
    one(
        "an empty CSV",
        "include: [more.csv]\n",
        "more.csv error[empty-file] the file has nothing in it "
        "(write a header such as sku_id,name,model, or remove it)",
        **{"more.csv": ""},
    ),
    one(
        "a wrong value in a cell",
        "include: [more.csv]\n",
        'more.csv:3:2 error[wrong-type] `protect` must be true or false, not "yes" '
        "(write true or false, without quotes)",
        'more.csv:4:3 error[not-allowed] item 2 of `outputs` is "silos", which is not one of the allowed values '
        "(did you mean `silo`?)",
        **{"more.csv": "sku_id,protect,outputs\nA,true,ar\nB,yes,\nC,,ar;silos\n"},
    ),
]

SHAPE = [
    one(
        "an unknown key of the manifest",
        "product: []\n",
        "catalog.yaml:3:1 error[unknown-key] there is no key `product` (did you mean `products`?)",
    ),
    product(
        "an unknown key of a product",
        "nmae: x",
        "catalog.yaml:5:5 error[unknown-key] there is no key `nmae` (did you mean `name`?)",
    ),
    one(
        "an unknown key of settings",
        "settings: {guards: {deletions: 1}}\n",
        "catalog.yaml:3:21 error[unknown-key] `guards` has no key `deletions` (did you mean `max_deletes`?)",
    ),
    one(
        "a product without sku_id",
        "products:\n  - name: x\n",
        "catalog.yaml:4:5 error[missing-key] the entry has no `sku_id` (add `sku_id:`)",
    ),
    Case(
        "a manifest without version and catalog",
        {"catalog.yaml": "products: []\n"},
        [
            "catalog.yaml:1:1 error[missing-key] the manifest has no `version` (add `version: 1`)",
            (
                "catalog.yaml:1:1 error[missing-key] the manifest has no `catalog` "
                "(add `catalog:` with a name such as `lighting`)"
            ),
        ],
    ),
    product(
        "a quoted boolean",
        'protect: "true"',
        'catalog.yaml:5:14 error[wrong-type] `protect` must be true or false, not "true" '
        "(write true or false, without quotes)",
    ),
    product(
        "a boolean of YAML 1.1",
        "protect: yes",
        'catalog.yaml:5:14 error[wrong-type] `protect` must be true or false, not "yes" '
        "(write true or false, without quotes)",
    ),
    product(
        "a list in place of text",
        "thumbnail: [a.png]",
        "catalog.yaml:5:16 error[wrong-type] `thumbnail` must be text, not a list "
        "(write it as text; put quotes around text that begins with '{' or '[')",
    ),
    Case(
        "a quoted version",
        {"catalog.yaml": 'version: "1"\ncatalog: shop\n'},
        [
            (
                'catalog.yaml:1:10 error[wrong-type] `version` must be a whole number, not "1" '
                "(write a whole number, without quotes)"
            ),
        ],
    ),
    product(
        "a key without a value",
        "name:",
        "catalog.yaml:5:10 error[wrong-type] `name` must be text, not nothing "
        '(write a value, or "" to clear it, or remove the key)',
    ),
    product(
        "outputs of no known type",
        "outputs: silo",
        'catalog.yaml:5:14 error[wrong-type] `outputs` must be a list, or a mapping, not "silo" (write a list)',
    ),
    one(
        "a product that is text",
        "products: [A]\n",
        'catalog.yaml:3:12 error[wrong-type] the entry must be a mapping, not "A" (write a mapping)',
    ),
    product(
        "an unknown output",
        "outputs: [ar, spin]",
        'catalog.yaml:5:19 error[not-allowed] item 2 of `outputs` is "spin", which is not one of the allowed values '
        "(use one of: 3d_model_viewer, ar, 360_degree_spin, silo)",
    ),
    Case(
        "another version",
        {"catalog.yaml": "version: 2\ncatalog: shop\n"},
        ["catalog.yaml:1:10 error[not-allowed] `version` is 2, which is not supported (write 1)"],
    ),
    product(
        "a key with a space",
        "key: a b",
        'catalog.yaml:5:10 error[bad-format] `key` is "a b" (it must not be empty or contain spaces or control '
        "characters)",
    ),
    product(
        "an empty path",
        'model: ""',
        "catalog.yaml:5:12 error[bad-format] `model` is empty (write a value or remove the key)",
    ),
    one(
        "a percentage over 100",
        "settings: {guards: {max_deletes: 200%}}\n",
        'catalog.yaml:3:34 error[bad-format] `max_deletes` is "200%" '
        "(it must be a whole number, or a percentage from 0% to 100%)",
    ),
    one(
        "numbers out of range",
        "settings: {parallelism: 0, upload_parallelism: 1000, polling: {interval: 0}}\n",
        "catalog.yaml:3:25 error[out-of-range] `parallelism` is 0 (it must be at least 1)",
        "catalog.yaml:3:48 error[out-of-range] `upload_parallelism` is 1000 (it must be at most 256)",
        "catalog.yaml:3:74 error[out-of-range] `interval` is 0 (it must be more than 0)",
    ),
    render(
        "a vector of two",
        "position: [0, 0]",
        "catalog.yaml:10:19 error[wrong-length] `position` has 2 items (give exactly 3)",
    ),
    one(
        "no cameras",
        "products: [{sku_id: A}]\nrenders:\n"
        "  - {name: r, scene_id: 1, cameras_to_render: [], products: [{sku_id: A}]}\n",
        "catalog.yaml:5:47 error[wrong-length] `cameras_to_render` has 0 items (give at least 1)",
    ),
    product(
        "an output twice",
        "outputs: [ar, silo, ar]",
        'catalog.yaml:5:25 error[repeated-item] `outputs` has "ar" more than once (remove the repetition)',
    ),
    product(
        "what only the fast validator refuses",
        'key: "a\\n"',
        'catalog.yaml:4:5 error[schema] "a\\n" does not match "^[^\\s\\u0000-\\u001f\\u007f]+$" '
        "(compare it with the format in docs/manifest.md)",
    ),
]

MEANING = [
    Case(
        "two manifests with one key",
        {"a.yaml": HEAD, "b.yaml": HEAD},
        ["b.yaml:2:1 error[given-twice] `catalog` is already given at a.yaml:2:1 (keep one of the two)"],
        ("a.yaml", "b.yaml"),
    ),
    one(
        "settings in an included file",
        "include: [a.yaml]\n",
        "a.yaml:1:1 error[main-file-only] `settings` stands in an included file "
        "(write it in the file that is given to catalogsync)",
        **{"a.yaml": "settings: {parallelism: 2}\n"},
    ),
    one(
        "a sku_id twice, in two files",
        "include: [a.yaml]\nproducts: [{sku_id: A}]\n",
        'a.yaml:1:21 error[duplicate-sku-id] the sku_id "A" is already that of the product at catalog.yaml:4:12 '
        "(give each product its own sku_id, or remove one of the two)",
        **{"a.yaml": "products: [{sku_id: A}]\n"},
    ),
    one(
        "a salsify_id twice",
        "products:\n  - {sku_id: A, salsify_id: 007}\n  - {sku_id: B, salsify_id: '007'}\n",
        'catalog.yaml:5:29 error[duplicate-salsify-id] the salsify_id "007" is already that of the product at '
        "catalog.yaml:4:5 (a salsify_id belongs to one product: correct it or remove one of the two)",
    ),
    one(
        "a gtin twice",
        'products:\n  - {sku_id: A, gtin: "4006381333931"}\n  - {sku_id: B, gtin: 4006381333931}\n',
        'catalog.yaml:5:23 error[duplicate-gtin] the gtin "4006381333931" is already that of the product at '
        "catalog.yaml:4:5 (a gtin belongs to one product: correct it or remove it from one of the two)",
    ),
    one(
        "a key twice among products",
        "products:\n  - {sku_id: A, key: lamp}\n  - {sku_id: B, key: lamp}\n  - {sku_id: lamp}\n",
        'catalog.yaml:5:22 error[duplicate-product-key] the key "lamp" is already that of the product at '
        "catalog.yaml:4:5 (give one of the two another `key:`)",
        'catalog.yaml:6:14 error[duplicate-product-key] the key "lamp" is already that of the product at '
        "catalog.yaml:4:5 (give one of the two another `key:`)",
    ),
    one(
        "a render twice",
        "products: [{sku_id: A}]\nrenders:\n"
        + "  - {name: r, scene_id: 1, cameras_to_render: [1], products: [{sku_id: A}]}\n" * 2,
        'catalog.yaml:6:12 error[duplicate-render] the name "r" is already that of the render at catalog.yaml:5:5 '
        "(give one of the two another name)",
    ),
    one(
        "a sku_id with a space and no key",
        "products:\n  - sku_id: Arc lamp\n  - {sku_id: Big lamp, key: big}\n",
        'catalog.yaml:4:13 error[ambiguous-address] the sku_id "Arc lamp" has spaces, and would stand in the address '
        "(give the product a `key:` without spaces)",
    ),
    product(
        "archive patterns for another output",
        'outputs: {ar: {archive: ["*"]}}',
        "catalog.yaml:5:19 error[archive-without-silo] `ar` cannot have archive patterns "
        "(only `silo` takes `archive:`; write true or false)",
    ),
    product(
        "a gtin with a wrong check digit",
        'gtin: "4006381333932"',
        "catalog.yaml:5:11 warning[gtin-check] the gtin 4006381333932 ends with the check digit 2 "
        "(check the number: by GS1's rule it would end with 1)",
    ),
    product(
        "a name with a space at its end",
        'name: "Arc lamp "',
        "catalog.yaml:5:11 warning[outer-space] `name` begins or ends with a space, which every plan wants back where "
        "the remote drops it (write it without)",
    ),
    product(
        "a gtin of nine digits",
        "gtin: 400638133",
        "catalog.yaml:5:11 warning[gtin-check] the gtin 400638133 has 9 digits "
        "(write 8, 12, 13 or 14 digits; put quotes around it to keep leading zeros)",
    ),
    Case(
        "strict makes a warning an error",
        {"catalog.yaml": HEAD + "products: [{sku_id: A, gtin: x}]\n"},
        [
            (
                "catalog.yaml:3:30 error[gtin-check] the gtin x has something other than digits "
                "(write 8, 12, 13 or 14 digits)"
            )
        ],
        options={"strict": True},
    ),
    one(
        "a render of an unknown product",
        "products: [{sku_id: LAMP-1}]\nrenders:\n"
        "  - {name: r, scene_id: 1, cameras_to_render: [1], products: [{sku_id: LAMP-2}]}\n",
        'catalog.yaml:5:72 error[unknown-product] no product has the sku_id "LAMP-2" (did you mean `LAMP-1`?)',
    ),
    one(
        "moves that contradict the catalog",
        "products: [{sku_id: A}, {sku_id: B}]\nmoved:\n"
        "  - {from: product.OLD, to: product.GONE}\n"
        "  - {from: product.A, to: product.B}\n"
        "  - {from: render.x, to: product.B}\n"
        "  - {from: product.X, to: product.B}\n"
        "  - {from: product.X, to: product.A}\n",
        "catalog.yaml:5:29 error[bad-move] product.GONE is not in the catalog "
        "(write the address that the entry has now)",
        "catalog.yaml:6:12 error[bad-move] product.A is still in the catalog (a move's old address must not be in use)",
        "catalog.yaml:7:26 error[bad-move] render.x cannot become product.B: their kinds differ (move within one kind)",
        "catalog.yaml:9:12 error[bad-move] product.X or product.A is in another move too "
        "(keep one move for each address)",
    ),
    one(
        "a move of content",
        "products: [{sku_id: A}]\nmoved: [{from: content.X, to: content.A}]\n",
        'catalog.yaml:4:16 error[bad-format] `from` is "content.X" (it must be an address: product.KEY or render.NAME)',
        'catalog.yaml:4:31 error[bad-format] `to` is "content.A" (it must be an address: product.KEY or render.NAME)',
    ),
    one(
        "removals of what is wanted or moved",
        "products: [{sku_id: A}]\nremoved: [product.A, product.OLD]\nmoved: [{from: product.OLD, to: product.A}]\n",
        "catalog.yaml:4:11 error[bad-removal] product.A is still in the catalog "
        "(remove the entry from the catalog, or this line)",
        "catalog.yaml:4:22 error[bad-removal] product.OLD is the old address of a move (keep the move or the removal)",
    ),
    product(
        "a model on another host",
        "model: s3://bucket/a.glb",
        "catalog.yaml:5:12 error[asset-remote] `model` is the URL s3://bucket/a.glb: files on other hosts are not "
        "supported yet (download the file and write its path)",
    ),
    product(
        "a model outside",
        "model: ../a.glb",
        "catalog.yaml:5:12 error[asset-outside] {above}/a.glb is outside the manifest's folder "
        "(move it below that folder, or pass --allow-outside)",
    ),
    product(
        "a model of no known format",
        "model: a.skp\n    thumbnail: model",
        'catalog.yaml:5:12 error[model-extension] `model` is a ".skp" file (use one of: .3ds, .3mf, .abc, .blend, '
        ".brep, .bvh, .dae, .fbx, .fcstd, .fcstd1, .glb, .gltf, .ifc, .iges, .igs, .max, .obj, .off, .ply, .step, "
        ".stl, .stp, .usdz, .wrl, .x3d, .zip)",
        "catalog.yaml:6:16 error[thumbnail-extension] `thumbnail` has no extension (use one of: .jpeg, .jpg, .png)",
    ),
]

CASES = [*FILES, *TEXT, *CSV, *SHAPE, *MEANING]
