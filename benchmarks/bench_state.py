"""The state beside what it is made of, in one run: `python benchmarks/bench_state.py [--products 100000]`.

Writes stand beside a JSON file rewritten for each step and beside SQLite with one transaction per step; loading stands
beside reading the same rows raw. Figures differ between machines: the ratios are the result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from catalogsync.model.files import CachedDigest
from catalogsync.model.outputs import OUTPUT_KINDS, Progress
from catalogsync.model.state import (
    Bind,
    ContentBinding,
    KnownImage,
    Origin,
    OutputRecord,
    ProductBinding,
    Stage,
)
from catalogsync.state import StateStore, state_document

SELECT = "SELECT address, kind, data FROM bindings"


def product(number: int, sha256: str = "a" * 64) -> ProductBinding:
    fields = {
        "sku_id": f"SKU-{number:06d}",
        "gtin": f"{number:013d}",
        "name": f"Product number {number}",
        "main_asset_name": f"product_{number}",
    }
    unicode = f"0b5b1c5e-0000-4000-8000-{number:012d}"
    return ProductBinding(
        f"product.SKU-{number:06d}", unicode, Origin.CREATED, Stage.FINALIZED, fields, sha256, "b" * 64, product_id="7"
    )


def content(number: int) -> ContentBinding:
    record = OutputRecord("a" * 64, Progress.DONE, "2026-01-01T00:00:00Z")
    images = tuple(KnownImage(number * 4 + camera, f"Camera {camera} - White bg") for camera in range(4))
    unicode = f"0b5b1c5e-0000-4000-8000-{number:012d}"
    return ContentBinding(f"content.SKU-{number:06d}", unicode, {kind.name: record for kind in OUTPUT_KINDS}, images)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def row(name: str, value: str, ratio: str = "") -> None:
    print(f"  {name:<52} {value:>16} {ratio:>26}")


def rewrite_json(document: dict[str, object], path: Path) -> None:
    """One step with the state in a JSON file: the whole of it, atomically."""
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def json_rate(store: StateStore, folder: Path) -> float:
    document = state_document(store.load())
    steps = 3
    return steps / seconds(lambda: [rewrite_json(document, folder / "state.json") for _ in range(steps)])


def raw_rate(folder: Path, steps: int) -> float:
    """SQLite alone, one transaction per step."""
    with closing(sqlite3.connect(folder / "raw.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("CREATE TABLE bindings (address TEXT PRIMARY KEY, kind TEXT, data TEXT) WITHOUT ROWID")
        rows = [(f"product.{number}", "product", "x" * 450) for number in range(steps)]
        return steps / seconds(lambda: [raw.execute("INSERT INTO bindings VALUES (?, ?, ?)", one) for one in rows])


def store_rate(store: StateStore, waiters: int, steps: int) -> float:
    async def worker(numbers: Iterator[int]) -> None:
        for number in numbers:
            await store.commit(Bind(product(number, f"{waiters:064d}")))

    async def work() -> None:
        numbers = iter(range(steps))
        await asyncio.gather(*(worker(numbers) for _ in range(waiters)))

    return steps / seconds(lambda: asyncio.run(work()))


def bench_writes(store: StateStore, folder: Path, products: int) -> None:
    print(f"Writes, each durable before its step goes on ({products:,} products remembered)")
    slow = json_rate(store, folder)
    row("JSON file rewritten per step", f"{slow:,.1f}/s", "1x")
    raw = raw_rate(folder, 2000)
    row("SQLite alone, one transaction per step", f"{raw:,.0f}/s", f"{raw / slow:,.0f}x JSON")
    for waiters in (1, 16, 64):
        rate = store_rate(store, waiters, 1000 * min(waiters, 16))
        row(f"StateStore, {waiters} steps at once", f"{rate:,.0f}/s", f"{rate / raw:.1f}x SQLite alone")


def bench_digests(store: StateStore, files: int) -> None:
    print(f"File digests ({files:,})")
    cache = store.digests()
    for number in range(files):
        cache.put(f"/catalog/models/{number}.glb", CachedDigest(number, number, number, "a" * 64, number))
    row("flush", f"{seconds(cache.flush):.2f} s")
    with StateStore.open(store.path) as again:
        found = again.digests()
        row("find each", f"{seconds(lambda: [found.get(f'/catalog/models/{n}.glb') for n in range(files)]):.2f} s")


LOADS: dict[str, Callable[[Path], object]] = {
    "raw rows": lambda path: sqlite3.connect(path).execute(SELECT).fetchall(),
    "raw rows, JSON parsed": lambda path: {
        address: json.loads(data) for address, _, data in sqlite3.connect(path).execute(SELECT)
    },
    "StateStore.load": lambda path: StateStore.open(path).load(),
}


def peak_mb() -> float:
    """The most memory this process has had. Linux's rusage would count its parent's before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(way: str, path: Path) -> None:
    """In a process of its own, for its memory."""
    before = peak_mb()
    start = time.perf_counter()
    kept = LOADS[way](path)
    taken = time.perf_counter() - start
    print(json.dumps([taken, peak_mb() - before]))
    del kept


def bench_load(path: Path, what: str) -> None:
    print(f"Loading {what} ({path.stat().st_size / 1e6:.0f} MB on disk)")
    raw = 0.0
    for way in LOADS:
        command = [sys.executable, __file__, "--measure", way, str(path)]
        taken, memory = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        raw = raw or taken
        row(way, f"{taken:.2f} s", f"{taken / raw:.1f}x raw, +{memory:.0f} MB")


def bench_open(folder: Path) -> None:
    print("Opening")
    path = folder / "small" / "state.db"
    row("a new state, to closed", f"{1000 * seconds(StateStore.open(path).close):.1f} ms")
    row("a small state, loaded and closed", f"{1000 * seconds(lambda: _open_load_close(path)):.1f} ms")


def _open_load_close(path: Path) -> None:
    with StateStore.open(path) as store:
        store.load()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "PATH"))
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], Path(options.measure[1]))
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        bench(Path(name), options.products)


def bench(folder: Path, products: int) -> None:
    path = folder / "state.db"
    bench_open(folder)
    with StateStore.open(path) as store:
        store.commit_now(*(Bind(product(number)) for number in range(products)))
    bench_load(path, f"{products:,} products")
    with StateStore.open(path) as store:
        bench_writes(store, folder, products)
        bench_digests(store, products)
        store.commit_now(*(Bind(content(number)) for number in range(products)))
    bench_load(path, f"{products:,} products with content, 4 outputs and 4 images each")


if __name__ == "__main__":
    main()
