"""Start-up and a plan without changes, beside the least that the same work can take, in one run.

    python benchmarks/bench_startup.py [--runs 9] [--products 10]

`--help` stands beside `python -c pass`. A plan of ten products in which nothing changed stands beside a script that
imports the same libraries, reads the same manifest and state, and makes the same requests to the same server, which
answers at once. Wall time of whole processes, in turns; medians. Reach: help at most 100 ms more, plan 1.3 times.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import Request, urlopen

from catalogsync.sandbox import SandboxSettings, running

ROOT = Path(__file__).parents[1]
PROGRAM = str(Path(sys.executable).parent / "catalogsync")
REACH_HELP, REACH_PLAN = 0.100, 1.3

BARE = """
import asyncio, json, sqlite3, sys
import httpx2, jsonschema_rs, yaml
manifest, schema, state, url = sys.argv[1:]
with open(manifest) as file:
    wanted = yaml.load(file, Loader=yaml.CSafeLoader)
with open(schema) as file:
    jsonschema_rs.validator_for(json.load(file)).is_valid(wanted)
rows = [json.loads(data) for (data,) in sqlite3.connect(state).execute("SELECT data FROM bindings")]
async def read():
    async with httpx2.AsyncClient(headers={"Authorization": "Imagine-key x", "Origin": "localhost"}) as client:
        return (await client.get(url + "/v1/product/details/", params={"page": "1"})).json()["results"]
seen = {product["sku_id"] for product in asyncio.run(read())}
assert len(rows) >= len(seen) == len(wanted["products"])
print("No changes.")
"""


def write_catalog(folder: Path, products: int) -> Path:
    manifest = folder / "catalog.yaml"
    lines = ["version: 1", "catalog: bench", "products:"]
    for number in range(products):
        shutil.copy(ROOT / "examples" / "models" / "stool.glb", folder / f"{number}.glb")
        lines += [f"  - sku_id: SKU-{number}", f"    name: Product {number}", f"    model: {number}.glb"]
        lines += ["    outputs: [3d_model_viewer]"]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest


def synced(folder: Path, manifest: Path) -> bytes:
    """Apply the catalog to a sandbox; the state stays in the folder. Returns the product list as the API tells it."""
    settings = SandboxSettings(folder / "sandbox", port=0, job_seconds=0.0, page_size=100)
    with running(settings) as endpoints:
        keys = {
            "CATALOGSYNC_API_URL": endpoints.url,
            "CATALOGSYNC_SECRET_KEY": endpoints.secret_key,
            "CATALOGSYNC_ORIGIN": endpoints.origin,
        }
        polling = ["--poll-initial", "1s", "--poll-interval", "1s"]
        run([PROGRAM, "apply", "-f", str(manifest), "--auto-approve", *polling], keys)
        headers = {"Authorization": f"Imagine-key {endpoints.secret_key}", "Origin": endpoints.origin}
        with urlopen(Request(f"{endpoints.url}/v1/product/details/", headers=headers)) as answer:  # noqa: S310 - ours
            listed: bytes = answer.read()
    return listed


class _Server(ThreadingHTTPServer):
    listed = b""
    requests = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.listed)))
        self.end_headers()
        self.wfile.write(self.server.listed)

    def log_message(self, *_: object) -> None:
        """The benchmark's table is all that is printed."""


@contextmanager
def answering(listed: bytes) -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.listed = listed
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def run(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CATALOGSYNC_")}
    begun = time.perf_counter()
    done = subprocess.run(command, env={**clean, **env}, check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, done.stdout


def measured(cases: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], runs: int) -> dict[str, float]:
    """Median seconds of each case. The cases take turns, so that a slow minute hits all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for command, env in cases.values():
        run(command, env)
    for _ in range(runs):
        for name, (command, env) in cases.items():
            seconds[name].append(run(command, env)[0])
    return {name: statistics.median(values) for name, values in seconds.items()}


def requests_of(server: _Server, command: Sequence[str], env: Mapping[str, str]) -> int:
    before = server.requests
    assert "No changes." in run(command, env)[1]
    return server.requests - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--products", type=int, default=10)
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "catalogsync", quiet=2)  # as installers do, also where the environment forbids it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = write_catalog(folder, options.products)
        with answering(synced(folder, manifest)) as server:
            url = f"http://127.0.0.1:{server.server_port}"
            keys = {"CATALOGSYNC_API_URL": url, "CATALOGSYNC_PUBLIC_KEY": "x", "CATALOGSYNC_ORIGIN": "localhost"}
            schema, state = ROOT / "schemas" / "catalog.schema.json", folder / ".catalogsync" / "state.db"
            plan = ([PROGRAM, "plan", "-f", str(manifest)], keys)
            bare = ([sys.executable, "-c", BARE, str(manifest), str(schema), str(state), url], {})
            assert requests_of(server, *plan) == requests_of(server, *bare), "both make the same requests"
            cases = {
                "python -c pass": ([sys.executable, "-c", "pass"], {}),
                "import click": ([sys.executable, "-c", "import click"], {}),
                "catalogsync --help": ([PROGRAM, "--help"], {}),
                "bare script": bare,
                "catalogsync plan": plan,
            }
            report(measured(cases, options.runs), options)


def report(seconds: dict[str, float], options: argparse.Namespace) -> None:
    print(f"{options.products} products, nothing changed; median of {options.runs} runs")
    print(f"{'case':20} {'ms':>6} {'beside':>16} {'more ms':>8} {'times':>6}")
    beside = {
        "import click": "python -c pass",
        "catalogsync --help": "python -c pass",
        "catalogsync plan": "bare script",
    }
    for name, value in seconds.items():
        line = f"{name:20} {value * 1000:6.0f}"
        if name in beside:
            other = seconds[beside[name]]
            line += f" {beside[name]:>16} {(value - other) * 1000:8.0f} {value / other:6.2f}"
        print(line)
    more = seconds["catalogsync --help"] - seconds["python -c pass"]
    times = seconds["catalogsync plan"] / seconds["bare script"]
    for title, met in (
        (f"--help at most {REACH_HELP * 1000:.0f} ms more than python", more <= REACH_HELP),
        (f"plan within {REACH_PLAN} times the bare script", times <= REACH_PLAN),
    ):
        print(f"reach: {title}: {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
