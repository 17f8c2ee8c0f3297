"""The plan beside one pass over its rows: `python benchmarks/bench_plan.py [--products 100000]`.

Two plans of products with an output each: of a catalog with nothing changed, and the first one, where every product
and its content is a change; that one is also saved as text and loaded again. Each runs in a process of its own, for
its memory. Figures differ between machines: the ratios are the result.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from catalogsync.errors import Place
from catalogsync.model.catalog import Asset, Catalog, FileFacts, Product
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import ContentBinding, Origin, OutputRecord, ProductBinding, Stage, State
from catalogsync.plan.changes import Plan
from catalogsync.plan.codec import document_text, plan_document
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.loader import load_plan
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls

SHA = "a" * 64
AIM_SECONDS = 3.0
AIM_MB = 500.0
Inputs = tuple[Catalog, Snapshot, State, dict[str, FileFacts]]


def wanted(number: int) -> Product:
    key, place = f"SKU-{number:06d}", Place("catalog.yaml", number + 1, 1)
    model = Asset(f"models/{key}.glb", f"/shop/models/{key}.glb", place)
    name = f"Product number {number}"
    return Product(
        key, key, f"{number:013d}", name, f"product_{number}", model, None, ("ar",), (), protect=False, place=place
    )


def seen(product: Product, number: int) -> RemoteProduct:
    return RemoteProduct(f"0b5b1c5e-0000-4000-8000-{number:012d}", **product.managed_fields())


def remembered(products: list[Product], remote: list[RemoteProduct]) -> State:
    done = {"ar": OutputRecord(SHA, Progress.DONE, "2026-01-01T00:00:00Z")}
    bindings = [
        ProductBinding(
            product.address, found.unicode, Origin.CREATED, Stage.FINALIZED, product.managed_fields(), model_sha256=SHA
        )
        for product, found in zip(products, remote, strict=True)
    ]
    contents = [
        ContentBinding(product.content_address, found.unicode, done)
        for product, found in zip(products, remote, strict=True)
    ]
    return State("lineage", 1, {b.address: b for b in bindings}, {c.address: c for c in contents})


def unchanged(number: int) -> Inputs:
    catalog, _, _, files = first(number)
    products = list(catalog.products)
    remote = [seen(product, index) for index, product in enumerate(products)]
    return catalog, snapshot_of(remote), remembered(products, remote), files


def first(number: int) -> Inputs:
    products = [wanted(index) for index in range(number)]
    files = {product.model.path: FileFacts(1, SHA) for product in products if product.model}
    return Catalog("shop", "/shop", tuple(products), ()), snapshot_of([]), State("lineage", 0), files


def one_pass(catalog: Catalog, snapshot: Snapshot, state: State, files: dict[str, FileFacts]) -> int:
    """The least that can be done: each product is looked up in what is remembered and seen, and its fields compared."""
    equal = 0
    for product in catalog.products:
        binding = state.products.get(product.address)
        found = snapshot.by_unicode.get(binding.unicode) if binding else None
        same_file = product.model is not None and files[product.model.path].sha256 == SHA
        fields = product.managed_fields()
        equal += same_file and found is not None and all(getattr(found, name) == fields[name] for name in fields)
    return equal


def planned(catalog: Catalog, snapshot: Snapshot, state: State, files: dict[str, FileFacts]) -> Plan:
    return plan(catalog, snapshot, state, files, api_url="https://api.example", polls=Polls(), options=DiffOptions())


def saved(made: Plan) -> str:
    """As `plan --out` writes it."""
    return document_text(plan_document(made))


INPUTS: dict[str, Callable[[int], Inputs]] = {"unchanged": unchanged, "first": first}
WAYS: dict[str, Callable[..., object]] = {"pass": one_pass, "plan": planned, "save": saved, "load": load_plan}
# What is made of the inputs before the clock runs.
BEFORE: dict[str, Callable[..., object]] = {
    "save": planned,
    "load": lambda *inputs: saved(planned(*inputs)),
}
MEASURED = {"unchanged": ("pass", "plan"), "first": ("pass", "plan", "save", "load")}


def peak_mb() -> float:
    """The most memory this process has had. Linux's rusage would count its parent's before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(what: str, way: str, number: int) -> None:
    """In a process of its own. The first plan's import of what it needs lazily is part of a plan."""
    inputs: tuple[object, ...] = INPUTS[what](number)
    if way in BEFORE:
        inputs = (BEFORE[way](*inputs),)
    before = peak_mb()
    start = time.process_time()  # others on the machine do not count
    kept = WAYS[way](*inputs)
    taken = time.process_time() - start
    changes = len(kept.changes) if isinstance(kept, Plan) else 0
    print(json.dumps([taken, before, peak_mb(), changes]))


def measured(what: str, way: str, number: int, repeats: int) -> tuple[float, float, float, int]:
    """The median run by time: seconds, MB before, peak MB, changes."""
    command = [sys.executable, __file__, "--products", str(number), "--measure", what, way]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(repeats)
    ]
    taken, before, peak, changes = sorted(runs)[repeats // 2]
    return taken, before, peak, changes


def bench(number: int, repeats: int) -> None:
    print(f"{number:,} products with an output each, median of {repeats}")
    print(f"  {'':<28}{'CPU s':>9}{'ratio':>8}{'inputs MB':>11}{'peak MB':>9}{'changes':>10}")
    for what in INPUTS:
        least = 0.0
        for way in MEASURED[what]:
            taken, before, peak, changes = measured(what, way, number, repeats)
            least = least or taken
            ratio = f"{taken / least:.1f}x"
            print(f"  {what + ', ' + way:<28}{taken:>9.2f}{ratio:>8}{before:>11.0f}{peak:>9.0f}{changes:>10,}")
            if (what, way) == ("unchanged", "plan"):
                reached = taken <= AIM_SECONDS and peak <= AIM_MB
                verdict = "reached" if reached else "missed"
                print(f"  aim: at most {AIM_SECONDS:g} s and {AIM_MB:g} MB: {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "WAY"))
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure, options.products)
    else:
        bench(options.products, options.repeats)


if __name__ == "__main__":
    main()
