"""How fast a first apply is, and how fast a list is read, beside the least each can take, in one run.

    python benchmarks/bench_apply.py [--products 2000] [--pages 5000] [--latency 0.02]

The server answers each request after the latency and does nothing else. Applying is measured from the first create to
the last mark, beside the rate that the latency allows at the same concurrency, and beside a straight script that does
the same calls one after the other (a tenth of the products, by its rate); its seconds of computing tell what a busy
machine is to blame for. Reading a list is measured beside a raw client of the same library with the same concurrency,
in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import httpx2

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.model.catalog import Catalog
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Origin, ProductBinding, Stage, State
from catalogsync.observe import Observation, observe

HERE = Path(__file__).parent
PROGRAM = str(Path(sys.executable).parent / "catalogsync")
PARALLEL = 8
REACH_RATE, REACH_SCRIPT, REACH_LIST = 0.85, 10.0, 1.3
LIST = "/v1/product/details/"


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """A stub server in a process of its own."""
    command = [sys.executable, str(HERE / "stub_server.py"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def write_catalog(folder: Path, products: int) -> None:
    lines = ["version: 1", "catalog: bench", "products:"]
    model = (HERE.parent / "examples" / "models" / "stool.glb").read_bytes()
    for number in range(products):
        (folder / f"{number}.glb").write_bytes(model)
        lines += [f"  - {{sku_id: NEW-{number}, name: Product {number}, model: {number}.glb}}"]
    (folder / "catalog.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def applied(url: str, folder: Path) -> tuple[float, float]:
    """Seconds from the first create to the last mark, and those of computing in the whole process."""
    keys = {"CATALOGSYNC_API_URL": url, "CATALOGSYNC_SECRET_KEY": "x", "CATALOGSYNC_ORIGIN": "localhost"}
    command = [PROGRAM, "apply", "--auto-approve", "--parallelism", str(PARALLEL)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env={**os.environ, **keys}, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    computing = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with urlopen(f"{url}/_span") as answer:  # noqa: S310 - ours
        return float(json.load(answer)["seconds"]), computing


def straight(url: str, folder: Path, products: int) -> float:
    """Seconds for the same calls, one after the other."""
    model = (folder / "0.glb").read_bytes()
    started = time.perf_counter()
    with httpx2.Client(base_url=url, headers={"Authorization": "Imagine-key x", "Origin": "localhost"}) as client:
        for number in range(products):
            fields = {"sku_id": f"NEW-{number}", "name": f"Product {number}"}
            made = client.post(LIST, files={name: (None, value) for name, value in fields.items()}).json()["data"]
            form = made["presigned_url_prop_user_file"]
            client.post(form["url"], data=form["fields"], files={"file": ("model.glb", model)})
            client.patch(f"{LIST}{made['unicode']}/", json={"is_upload_successful": True})
    return time.perf_counter() - started


async def raw_list(url: str, pages: int) -> float:
    numbers = iter(range(1, pages + 1))
    limits = httpx2.Limits(max_connections=PARALLEL, max_keepalive_connections=PARALLEL)

    async def read() -> None:
        for number in numbers:
            (await client.get(LIST, params={"page": str(number)})).json()

    started = time.perf_counter()
    async with httpx2.AsyncClient(base_url=url, limits=limits) as client:
        await asyncio.gather(*(read() for _ in range(PARALLEL)))
    return time.perf_counter() - started


async def observed(url: str, state: State) -> float:
    started = time.perf_counter()
    settings = ApiSettings(url=url, secret_key="x", origin="localhost", connections=PARALLEL)  # noqa: S106 - no secret
    async with ImagineClient(settings) as client:
        seen: Snapshot = await observe(client, Catalog("bench", "/", (), ()), state, Observation(workers=PARALLEL))
    assert len(seen.by_unicode) == len(state.products)
    return time.perf_counter() - started


def remembered(products: int) -> State:
    """Everything that is listed is ours, so that listing is the cheapest way to see it."""
    made = (
        ProductBinding(f"product.{n}", f"u{n}", Origin.CREATED, Stage.FINALIZED, {"sku_id": f"SKU-{n}"})
        for n in range(products)
    )
    return State(lineage="bench", serial=1, products={binding.address: binding for binding in made})


def bench_apply(products: int, latency: float) -> None:
    with serving("--latency", str(latency)) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_catalog(folder, products)
        few = max(products // 10, 1)
        seconds, computing = applied(url, folder)
        ours, script = seconds / products, straight(url, folder, few) / few
    ideal = 2 * latency / PARALLEL
    print(f"ideal rate at {PARALLEL} calls at once  {1 / ideal:8.1f} products/s")
    print(f"straight script                {1 / script:8.1f} products/s")
    verdict = "reached" if ideal / ours >= REACH_RATE and script / ours >= REACH_SCRIPT else "missed"
    print(f"catalogsync apply              {1 / ours:8.1f} products/s", end="")
    print(f"  {ideal / ours:.2f} of the ideal, {script / ours:.1f} times the script: {verdict}")
    print(f"  computing, start-up and all  {computing:8.1f} s, {1000 * computing / products:.1f} ms a product")


def bench_list(pages: int, latency: float, rounds: int) -> None:
    state = remembered(pages * 50)
    with serving("--latency", str(latency), "--pages", str(pages)) as url:
        pairs = [(asyncio.run(raw_list(url, pages)), asyncio.run(observed(url, state))) for _ in range(rounds)]
    raw, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    verdict = "reached" if ours / raw <= REACH_LIST else "missed"
    print(f"raw client, {pages} pages   {raw:6.1f} s")
    print(f"observe, {pages} pages      {ours:6.1f} s  {ours / raw:.2f} times: {verdict}")


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--products", type=int, default=2000)
    options.add_argument("--pages", type=int, default=5000)
    options.add_argument("--latency", type=float, default=0.02)
    options.add_argument("--rounds", type=int, default=1)
    chosen = options.parse_args()
    bench_apply(chosen.products, chosen.latency)
    bench_list(chosen.pages, chosen.latency, chosen.rounds)


if __name__ == "__main__":
    main()
