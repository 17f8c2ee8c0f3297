"""The example catalog with rendered content, beside one bare frame of each of its models, in one run.

    python benchmarks/bench_sandbox.py [--nice 0]

A sandbox serves a copy of `examples/`, and `catalogsync --sandbox apply` fills it: 11 products with all their outputs,
two renders. Beside it, the engine opens each model and draws one frame of 1024 pixels, a process for each. Both are
counted in seconds of computing too, since other work on a machine makes a clock useless. All the while somebody asks
for a product's status, and did before anything was rendered. Reach: two minutes on two cores, the first picture of a
product 10 s after its job where nothing is before it, 1 GiB a process, answers within 50 ms while it renders.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
PROGRAM = str(Path(sys.executable).parent / "catalogsync")
CORES, REACH_SECONDS, REACH_STILL, REACH_MIB, REACH_ANSWER = 2, 120.0, 10.0, 1024, 0.050
IDLE_CALLS, PAUSE = 200, 0.05
CREDITS = "1000000"  # who asks all the time pays all the time
BARE = """
import sys, tempfile
from pathlib import Path
import f3d
from catalogsync.sandbox.content.sources import open_source
with tempfile.TemporaryDirectory() as work:
    source = open_source(Path(sys.argv[1]), sys.argv[1], Path(work))
    engine = f3d.Engine.create(True)
    engine.window.size = (1024, 1024)
    engine.scene.add(str(source.path))
    engine.window.render_to_image(True)
"""
FIRST_STILLS = "SELECT product_id, min(accepted_at) FROM jobs GROUP BY product_id"


def computing() -> float:
    """Seconds of computing of all ended processes that this one started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bare_frames(models: Path) -> tuple[float, float]:
    """Wall and computing seconds of one frame of each model."""
    started, before = time.perf_counter(), computing()
    for model in sorted(models.iterdir()):
        subprocess.run([sys.executable, "-c", BARE, str(model)], check=True, capture_output=True)
    return time.perf_counter() - started, computing() - before


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """A sandbox that renders, in a process of its own; its endpoints."""
    environment = {**os.environ, "CATALOGSYNC_SANDBOX_CONTENT": "rendered"}
    command = [PROGRAM, "sandbox", "serve", "--port", "0", "--json", "--credits", CREDITS]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def asked(endpoints: dict[str, str], sku: str = "SOFA-3S-01") -> float:
    """How long an answer about a product's status takes, seconds; a 404 before it exists is one too."""
    headers = {"Authorization": f"Imagine-key {endpoints['secret_key']}", "Origin": endpoints["origin"]}
    request = Request(f"{endpoints['url']}/v1/product/status/?sku_id={sku}", headers=headers)  # noqa: S310 - loopback
    started = time.perf_counter()
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            answer.read()
    except OSError as error:
        getattr(error, "close", lambda: None)()
    return time.perf_counter() - started


def applied(folder: Path, endpoints: dict[str, str], niceness: int) -> tuple[float, list[float]]:
    """Wall seconds of the apply, and of each answer that was asked for meanwhile."""
    answers: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(PAUSE):
            answers.append(asked(endpoints))

    asking = threading.Thread(target=ask)
    asking.start()
    started = time.perf_counter()
    try:
        command = ["nice", "-n", str(niceness), PROGRAM, "--sandbox", "apply", "--auto-approve"]
        ended_with = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    finally:
        ended.set()
        asking.join()
    if ended_with.returncode:
        raise SystemExit(f"The apply ended with {ended_with.returncode}:\n{ended_with.stdout}{ended_with.stderr}")
    return time.perf_counter() - started, answers


def first_stills(data: Path) -> list[float]:
    """From each product's first job to its first picture, seconds."""
    with sqlite3.connect(data / "sandbox.db") as db:
        accepted = dict(db.execute(FIRST_STILLS).fetchall())
    seconds = []
    for product, at in accepted.items():
        pictures = (data / "bucket" / "media" / "private" / "renders_images" / str(product)).glob("*/*")
        seconds.append(min(picture.stat().st_mtime for picture in pictures) - at)
    return sorted(seconds)


def percentiles(answers: list[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(answers, n=100)
    return cuts[49], cuts[98], max(answers)


def said(reached: bool) -> str:
    return "reached" if reached else "missed"


def measure(folder: Path, niceness: int) -> None:
    wall, bare = bare_frames(folder / "models")
    print(f"{'one bare frame of each model':34} {wall:7.1f} s wall {bare:7.1f} s of computing")
    before = computing()
    with served(folder) as endpoints:
        idle = [asked(endpoints) for _ in range(IDLE_CALLS)]
        wall, answers = applied(folder, endpoints, niceness)
    used = computing() - before
    least = used / CORES
    print(f"{'the whole catalog':34} {wall:7.1f} s wall {used:7.1f} s of computing, {used / bare:.1f} times")
    print(f"{f'  on {CORES} cores of its own':34} {least:7.1f} s at best: {said(least <= REACH_SECONDS)}")
    stills = first_stills(folder / ".catalogsync" / "sandbox")
    print(f"{'from a job to the first picture':34} {stills[0]:7.1f} s first, {stills[-1]:.1f} s last of all products")
    print(f"{'  where nothing is before it':34} {said(stills[0] <= REACH_STILL)}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{'the largest process':34} {peak:7} MiB: {said(peak <= REACH_MIB)}")
    for name, seconds in (("answers before", idle), ("answers while it renders", answers)):
        middle, late, worst = (1000 * value for value in percentiles(seconds))
        print(f"{name:34} {middle:7.1f} ms median {late:7.1f} ms p99 {worst:7.1f} ms worst of {len(seconds)}")
    print(f"{'  p99':34} {said(percentiles(answers)[1] <= REACH_ANSWER)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--nice", type=int, default=0, help="niceness of the apply")
    niceness = options.parse_args().nice
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "examples"
        shutil.copytree(ROOT / "examples", folder, ignore=shutil.ignore_patterns(".catalogsync"))
        measure(folder, niceness)


if __name__ == "__main__":
    main()
