"""A server for benchmarks that does nothing but answer, in a process of its own: products, uploads and their list.

    python benchmarks/stub_server.py [--latency 0.02] [--pages 1]

Each answer comes `latency` seconds after its request. It prints its URL. `GET /_span` tells the seconds between the
first create and the last mark, and starts over.
"""

import argparse
import asyncio
import json
import time
from itertools import count

PAGE = 50


class Stub:
    """What was created, and between when and when."""

    def __init__(self, latency: float, pages: int) -> None:
        self.latency, self.pages, self.url = latency, pages, ""
        self.ids, self.first, self.last = count(1), 0.0, 0.0

    def answer(self, method: str, target: str) -> tuple[int, object]:
        path, _, query = target.partition("?")
        if path == "/_span":
            span, self.first, self.last = self.last - self.first, 0.0, 0.0
            return 200, {"seconds": span}
        if path == "/bucket":
            return 204, None
        if method == "POST":
            self.first = self.first or time.perf_counter()
            return 201, self._written({"unicode": f"u{next(self.ids)}", "presigned_url_prop_user_file": self._form()})
        if method == "PATCH":
            self.last = time.perf_counter()
            return 200, self._written({"unicode": path.split("/")[-2], "id": next(self.ids)})
        return 200, self._page(query)

    def _form(self) -> object:
        return {"url": f"{self.url}/bucket", "fields": {"key": "models/model.glb", "policy": "eyJ9"}}

    def _written(self, data: object) -> object:
        return {"status": "success", "data": data, "message": "Done.", "api_hits_available": 1_000_000}

    def _page(self, query: str) -> object:
        number = next((int(part[5:]) for part in query.split("&") if part.startswith("page=")), 1)
        filtered = "sku_id=" in query or not self.pages
        rows = [] if filtered else [self._row(n) for n in range((number - 1) * PAGE, number * PAGE)]
        total = 0 if filtered else self.pages * PAGE
        pages = 1 if filtered else self.pages
        return {"count": total, "total_pages": pages, "current_page_number": number, "results": rows}

    def _row(self, number: int) -> object:
        names = {"sku_id": f"SKU-{number}", "gtin": "", "name": f"Product {number}", "main_asset_name": "model"}
        return {"unicode": f"u{number}", **names, "created_at": "2026-01-01T00:00:00Z"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                lengths = [int(line[15:]) for line in lines if line.lower().startswith("content-length:")]
                await reader.readexactly(lengths[0] if lengths else 0)
                await asyncio.sleep(self.latency)
                status, body = self.answer(method, target)
                payload = b"" if body is None else json.dumps(body).encode()
                kind = "Content-Type: application/json\r\n"
                writer.write(f"HTTP/1.1 {status} OK\r\n{kind}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--latency", type=float, default=0.02)
    options.add_argument("--pages", type=int, default=0)
    chosen = options.parse_args()
    stub = Stub(chosen.latency, chosen.pages)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(stub.url, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
