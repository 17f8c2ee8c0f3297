"""The web pages: complete, escaped, and loading nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest
from sandbox_client import AR, SILO, SPIN, VIEWER, Api, Start

from catalogsync.sandbox.pages import readable

VILE = '<script>alert("x")</script> & Söhne'


class Links(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.fixture
def stocked(start: Start) -> Api:
    api = start(credits=1234)
    data = api.finalized(name=VILE, sku_id="S<1>")
    api.generate(data, VIEWER, AR, SPIN, SILO)
    api.create(name="Unfinished")
    api.finish()
    return api


def test_the_home_page_shows_products_statuses_links_and_credits(stocked: Api) -> None:
    page = stocked.raw.get("/").text
    assert "1,230 credits left" in page
    assert "S&lt;1&gt;" in page
    assert "awaiting files" in page
    assert page.count(": Done</span>") == 4
    links = [link for link in Links(page).found if link.startswith("/")]
    assert len(links) == 3
    assert {stocked.raw.get(link).status_code for link in links} == {200}


def test_an_empty_account_has_a_home_page_too(start: Start) -> None:
    assert "No products yet." in start().raw.get("/").text


def test_viewer_pages_show_the_file_its_size_thumbnail_and_download(stocked: Api) -> None:
    shared = stocked.json("GET", "/v1/product/shared-content/", params={"sku_id": "S<1>"})
    for field in ("product_3d", "product_ar", "product_threesixty"):
        page = stocked.raw.get(shared[field]).text
        assert "arc.glb · 128 bytes" in page
        images, downloads = [
            [link for link in Links(page).found if part in link] for part in ("thumbnail", "prop_data")
        ]
        assert stocked.raw.get(images[0]).headers["Content-Type"] == "image/png"
        assert stocked.raw.get(downloads[0]).content.startswith(b"glTF")


def test_pages_escape_names_and_load_nothing_from_elsewhere(stocked: Api) -> None:
    shared = stocked.json("GET", "/v1/product/shared-content/", params={"sku_id": "S<1>"})
    for url in ("/", shared["product_3d"]):
        answer = stocked.raw.get(url)
        assert "script" not in Links(answer.text).tags
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        hosts = set(re.findall(r"https?://([^/\"]+)", answer.text))
        assert hosts <= {stocked.endpoints.url.removeprefix("http://")}


def test_a_page_that_is_not_ready_is_not_found(api: Api) -> None:
    viewer = "/product/public/3d-viewer/v2/00000000-0000-4000-8000-000000000000"
    assert api.raw.get(viewer).status_code == 404


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (5 * 1024**3, "5.0 GiB")]
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert readable(size) == text
