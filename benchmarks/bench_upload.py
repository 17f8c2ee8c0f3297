"""How fast a file is uploaded beside `curl -F`, to the same local sink, in one run: throughput, ratio, peak memory.

    python benchmarks/bench_upload.py [--mib 1024] [--rounds 3]

Over TLS on a line of 2 Gbit/s, over TLS without a limit (both with `openssl` to make a certificate for the run) and
over plain HTTP. Without a line the digests are the limit: SHA-256 takes 0.6 to 0.75 s of a core for 1 GiB, and the
sink needs the other core of a small machine. Each upload runs in a process of its own, so
that its peak memory is its own; start-up is outside the measured time of ours and inside curl's (10 ms). The file is
sparse: the disk is not what is measured.
"""

import argparse
import asyncio
import hashlib
import json
import math
import os
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CHUNK = 1 << 20
LINE = 2e9 / 8  # bytes a second
SHORTEST_SLEEP = 0.005
FIELDS = {"key": "media/model.glb", "policy": "eyJ9", "x-amz-signature": "0" * 64}


def sink(context: ssl.SSLContext | None = None, line: float = math.inf) -> int:
    """Serve a bucket that takes everything, `line` bytes a second at most, from a thread; returns its port."""
    server = socket.create_server(("127.0.0.1", 0))
    if context is not None:
        server = context.wrap_socket(server, server_side=True)

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=swallow, args=(connection, line), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


def swallow(connection: socket.socket, line: float) -> None:
    buffer, head = bytearray(4 * CHUNK), b""
    with connection:
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if b"100-continue" in head.lower():
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        started, size, got = time.perf_counter(), int(length.partition(b":")[2]), len(body)
        while got < size and (more := connection.recv_into(buffer, min(size - got, len(buffer)))):
            got += more
            if (early := started + got / line - time.perf_counter()) > SHORTEST_SLEEP:
                time.sleep(early)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def ours(url: str, path: str, sha256: str) -> None:
    """One upload in this process; prints seconds, and megabytes of memory over start-up."""
    from catalogsync.api import ApiSettings, ImagineClient
    from catalogsync.api.http import Door  # noqa: F401 - the library's import is start-up, not the upload
    from catalogsync.model.remote import UploadForm

    async def send() -> float:
        async with ImagineClient(ApiSettings(origin="localhost")) as client:
            started = time.perf_counter()
            await client.upload(UploadForm(url, tuple(FIELDS.items())), path, sha256=sha256)
            return time.perf_counter() - started

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = asyncio.run(send())
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "megabytes": (after - before) / 1024}))


def time_ours(url: str, path: Path, sha256: str, certificate: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--one", url, str(path), sha256]
    trusted = {**os.environ, "SSL_CERT_FILE": str(certificate)} if url.startswith("https") else os.environ
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=trusted).stdout)
    return told["seconds"], told["megabytes"]


def time_curl(url: str, path: Path, certificate: Path) -> float:
    fields = [part for name, value in FIELDS.items() for part in ("-F", f"{name}={value}")]
    trusted = ["--cacert", str(certificate)] if url.startswith("https") else []
    started = time.perf_counter()
    subprocess.run(["curl", "-sS", "--fail", *trusted, *fields, "-F", f"file=@{path}", url], check=True)
    return time.perf_counter() - started


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this run and this machine."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-days", "1", "-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *made]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(mib: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, certificate = Path(folder) / "model.glb", Path()
        with path.open("wb") as file:
            file.truncate(mib * CHUNK)
        urls = {"plain HTTP": f"http://127.0.0.1:{sink()}/"}
        if shutil.which("openssl"):
            certificate, context = make_certificate(Path(folder))
            urls["TLS"] = f"https://127.0.0.1:{sink(context)}/"
            urls["TLS, 2 Gbit/s"] = f"https://127.0.0.1:{sink(context, LINE)}/"
        for name, url in urls.items():
            measure(f"{mib} MiB over {name}", mib, rounds, url, path, certificate)


def measure(title: str, mib: int, rounds: int, url: str, path: Path, certificate: Path) -> None:
    sha256 = digest(path)
    curl, own, memory = [], [], []
    for _ in range(rounds):
        if shutil.which("curl"):
            curl.append(time_curl(url, path, certificate))
        seconds, megabytes = time_ours(url, path, sha256, certificate)
        own.append(seconds)
        memory.append(megabytes)
    print(f"{title:<34}{'seconds':>9}{'MiB/s':>9}")
    for name, times in (("catalogsync, digests on the way", own), ("curl -F, no digest", curl)):
        if times:
            median = statistics.median(times)
            print(f"  {name:<32}{median:>9.2f}{mib / median:>9.0f}")
    if curl:
        print(f"  rate beside curl's (reach 0.90) {statistics.median(curl) / statistics.median(own):>9.2f}")
    print(f"  MB over start-up (reach 60)     {max(memory):>9.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        ours(*sys.argv[2:5])
    else:
        options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
        options.add_argument("--mib", type=int, default=1024)
        options.add_argument("--rounds", type=int, default=3)
        chosen = options.parse_args()
        compare(chosen.mib, chosen.rounds)
