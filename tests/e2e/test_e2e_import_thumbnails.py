"""`import --download-thumbnails`: the images are in a folder beside the manifest, and adopting them changes nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop, product, tiny_png

from catalogsync.manifest import load

IMPORT = ("import", "--out", "catalog.yaml", "--download-thumbnails")


@pytest.fixture
def filled(tmp_path: Path, remote: Remote) -> Shop:
    """A shop on the remote that somebody else put there: three products, two with a thumbnail."""
    made = Shop(tmp_path / "theirs", products=[product("LAMP/1", model="models/l.glb", thumbnail="t/l.png")])
    made.products += [product("CHAIR", thumbnail="t/c.png"), product("TABLE")]
    made.renders = []
    made.write()
    Command(made.folder, remote.environment, remote.secrets)("apply", "--auto-approve")
    return made


@pytest.fixture
def command(tmp_path: Path, remote: Remote, filled: Shop) -> Command:
    assert filled.products
    (tmp_path / "work").mkdir()
    return Command(tmp_path / "work", remote.environment, remote.secrets)


def thumbnails(command: Command, manifest: str = "catalog.yaml") -> dict[str, str]:
    products = load([command.folder / manifest]).catalog.products
    return {one.sku_id: one.thumbnail.written for one in products if one.thumbnail is not None}


def test_they_are_downloaded_written_and_adopted_without_a_change(
    command: Command, remote: Remote, filled: Shop
) -> None:
    before = remote.last()
    ran = command(*IMPORT, "--json")
    assert "Reading the shared content of 3 products for their thumbnails (3 credits).\n" in ran.err
    assert "Downloading 2 of their thumbnails (no credits).\n" in ran.err
    assert ran.document["thumbnails"] == {"written": 2, "there_before": 0, "failed": []}
    assert ran.document["credits"]["spent"] == 1 + 3
    assert thumbnails(command) == {"CHAIR": "thumbnails/CHAIR.png", "LAMP/1": "thumbnails/LAMP-1.png"}
    assert (command.folder / "thumbnails" / "CHAIR.png").read_bytes() == filled.file_of("CHAIR", "thumbnail")
    command("validate")
    assert command("fmt", "--check").out == ""

    assert "\nPlan: 3 to import, 0 to add, 0 to change, 0 to destroy." in command("plan").out
    command("apply", "--auto-approve")
    assert remote.writes(before) == []
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")


def test_several_files_name_them_as_seen_from_where_they_are(command: Command) -> None:
    assert "(3 files, 2 thumbnails, 4 credits)" in command(*IMPORT, "--split", "2").out
    assert thumbnails(command) == {"CHAIR": "../thumbnails/CHAIR.png", "LAMP/1": "../thumbnails/LAMP-1.png"}
    command("validate")
    command("apply", "--auto-approve")
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")


def test_a_file_that_is_there_is_not_overwritten_and_the_rest_is_not_lost(command: Command, filled: Shop) -> None:
    folder = command.folder / "thumbnails"
    folder.mkdir()
    (folder / "CHAIR.png").write_bytes(tiny_png(200))
    lamp = filled.file_of("LAMP/1", "thumbnail")
    assert lamp is not None
    (folder / "LAMP-1.png").write_bytes(lamp)
    ran = command(*IMPORT, "--json", code=3)
    assert "No thumbnail of CHAIR: " in ran.err
    assert "is there already with other content. Move it, or pass --force.\n" in ran.err
    told = ran.document["thumbnails"]
    assert (told["written"], told["there_before"], len(told["failed"])) == (1, 1, 1)
    assert thumbnails(command) == {"LAMP/1": "thumbnails/LAMP-1.png"}
    assert (folder / "CHAIR.png").read_bytes() == tiny_png(200)
    command(*IMPORT, "--force")
    assert (folder / "CHAIR.png").read_bytes() == filled.file_of("CHAIR", "thumbnail")


@contextmanager
def media_host(images: Mapping[str, bytes]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A host that has these images by their path, redirects to them from /moved, and remembers what it was told."""
    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            path = self.path.partition("?")[0]
            body = images.get(path, b"")
            self.send_response(200 if body else 302 if path == "/moved" else 404)
            self.send_header("Location", next(iter(images)))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test looks at what was heard."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()


def test_a_media_host_is_told_no_key_and_what_it_refuses_does_not_lose_the_others(
    command: Command, remote: Remote
) -> None:
    unicodes: dict[str, str] = dict(remote.books("SELECT sku_id, unicode FROM products"))
    with media_host({"/lamp": tiny_png(7)}) as (url, heard):
        addresses = {"LAMP/1": f"{url}/lamp?Signature=hush", "CHAIR": f"{url}/moved", "TABLE": "file:///etc/hostname"}
        rules = [
            {
                "match": {"path": "/v1/product/shared-content/", "query": f"*{unicodes[sku_id]}*"},
                "do": "status",
                "status": 200,
                "body": json.dumps({"unicode": unicodes[sku_id], "sku_id": sku_id, "thumbnail_url": address}),
            }
            for sku_id, address in addresses.items()
        ]
        remote.ask("POST", "/sandbox/faults", {"rules": rules})
        ran = command(*IMPORT, code=3)
    assert "No thumbnail of CHAIR: The media host redirects (HTTP 302), which is not followed.\n" in ran.err
    assert "No thumbnail of TABLE: The image's address is not one of the web (http or https).\n" in ran.err
    assert "hush" not in ran.out + ran.err
    assert thumbnails(command) == {"LAMP/1": "thumbnails/LAMP-1.png"}
    assert len(heard) == 2
    for headers in heard:
        assert {"authorization", "origin", "cookie", "referer"}.isdisjoint(headers)
        assert not any(secret in value for secret in remote.secrets for value in headers.values())
