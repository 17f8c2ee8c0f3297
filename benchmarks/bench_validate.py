"""Validating a large manifest beside reading its YAML, in one run, each in processes of their own.

    python benchmarks/bench_validate.py [--products 100000] [--runs 3]

"events" only walks the YAML parser's events and keeps nothing; "tree" is the event parse that keeps each value and
place, which is what a manifest reader can do at best; "load" is all of `catalogsync validate` but the asset files.
Reach: load within 2.0 times the time and 2.5 times the memory of "tree".
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = """
import json, resource, sys, time
from pathlib import Path
{imports}
path = Path(sys.argv[1])
begun = time.process_time()
{work}
print(json.dumps([time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
CASES = {
    "events": (
        "import yaml",
        "for event in yaml.parse(path.read_bytes(), Loader=yaml.CSafeLoader): pass",
    ),
    "tree": (
        "import gc; gc.disable()\nfrom catalogsync.manifest.reader import read_yaml",
        "tree = read_yaml(path.read_bytes(), print)",
    ),
    "load": (
        "from catalogsync.manifest import load",
        "loaded = load([path]); assert not loaded.warnings",
    ),
}
REACH_TIME, REACH_MEMORY = 2.0, 2.5


def with_check_digit(number: int) -> str:
    body = f"{number:012d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def write_manifest(path: Path, products: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("version: 1\ncatalog: bench\ndefaults:\n  product: {protect: false}\nproducts:\n")
        for number in range(products):
            file.write(
                f"  - sku_id: SKU-{number:06d}\n"
                f'    gtin: "{with_check_digit(number)}"\n'
                f"    name: Product number {number}\n"
                f"    main_asset_name: asset_{number}\n"
                f"    model: models/model_{number}.glb\n"
                f"    thumbnail: thumbnails/thumb_{number}.png\n"
                f"    outputs: [3d_model_viewer, ar, silo]\n"
            )


def measure(case: str, path: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of one case in a fresh process."""
    imports, work = CASES[case]
    script = MEASURE.format(imports=imports, work=work)
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "catalog.yaml")
        write_manifest(path, options.products)
        runs = [{case: measure(case, path) for case in CASES} for _ in range(options.runs)]
    seconds = {case: statistics.median(run[case][0] for run in runs) for case in CASES}
    memory = {case: statistics.median(run[case][1] for run in runs) for case in CASES}
    print(f"{options.products:,} products, median of {options.runs} runs")
    print(f"{'case':8} {'CPU s':>8} {'MB':>6} {'x events':>9} {'x tree':>7} {'MB x tree':>10}")
    for case in CASES:
        print(
            f"{case:8} {seconds[case]:8.2f} {memory[case]:6.0f} {seconds[case] / seconds['events']:9.2f} "
            f"{seconds[case] / seconds['tree']:7.2f} {memory[case] / memory['tree']:10.2f}"
        )
    time_ratio, memory_ratio = seconds["load"] / seconds["tree"], memory["load"] / memory["tree"]
    met = time_ratio <= REACH_TIME and memory_ratio <= REACH_MEMORY
    print(f"reach: time <= {REACH_TIME} x tree, memory <= {REACH_MEMORY} x tree: {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
