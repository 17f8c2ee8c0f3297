"""The web pages: complete, escaped, and loading nothing from elsewhere."""

import json
import re
import sqlite3
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sandbox_client import AR, SILO, SPIN, VIEWER, Api, Start

from catalogsync.sandbox.files import AR_MODEL, POSTER, SPIN_FRAMES, VIEWER_MODEL, content_keys
from catalogsync.sandbox.web.content import readable
from catalogsync.sandbox.web.statics import OWN, VENDOR, find

VILE = '<script>alert("x")</script> & Söhne'
PAGES = ("3d-viewer", "ar-viewer", "360-viewer")
EVERYTHING = (POSTER, VIEWER_MODEL, AR_MODEL, *SPIN_FRAMES)


class Links(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts: list[str | None] = []
        self.tags: set[str] = set()
        self.attributes: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]
        self.scripts += [dict(attrs).get("src") for _ in [tag] if tag == "script"]
        self.attributes |= {name: value or "" for name, value in attrs}


class Shop:
    """A sandbox with one finished product, whose content the tests put there themselves."""

    def __init__(self, api: Api, data: Any) -> None:
        self.api, self.data = api, data
        self.product = api.finalized(name=VILE, sku_id="S<1>")
        api.generate(self.product, VIEWER, AR, SPIN, SILO)
        api.finish()
        with sqlite3.connect(data / "sandbox.db") as db:
            self.jobs = dict(db.execute("SELECT output, id FROM jobs"))
            self.viewer_id = db.execute("SELECT viewer_id FROM products").fetchone()[0]
        db.close()
        self.clear()

    def clear(self) -> None:
        for job in self.jobs.values():
            for key in content_keys({"id": job}).values():
                (self.data / "bucket" / key).unlink(missing_ok=True)

    def put(self, output: str, *names: str) -> None:
        for name in names:
            path = self.data / "bucket" / content_keys({"id": self.jobs[output]})[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"content of " + name.encode())

    def page(self, kind: str, **headers: str) -> Any:
        return self.api.raw.get(f"/product/public/{kind}/v2/{self.viewer_id}", headers=headers)


@pytest.fixture
def shop(start: Start, tmp_path: Any) -> Shop:
    return Shop(start(credits=1234), tmp_path / "data")


def test_the_home_page_shows_products_statuses_links_and_credits(shop: Shop) -> None:
    shop.api.create(name="Unfinished")
    page = shop.api.raw.get("/").text
    for text in ("<b>2</b> products", "<b>4</b> credits used", "<b>1,230</b> credits left", "S&lt;1&gt;"):
        assert text in page
    assert "awaiting files" in page
    assert page.count(": Done</") == 4
    links = [link for link in Links(page).found if link.startswith("/product/")]
    assert len(links) == 3
    assert {shop.api.raw.get(link).status_code for link in links} == {200}


def test_the_home_page_links_every_silo_image_and_scene_image(shop: Shop) -> None:
    shop.api.render("S<1>")
    shop.api.finish()
    links = [link for link in Links(shop.api.raw.get("/").text).found if "/renders_images/" in link]
    whole = [link for link in links if "/thumbnail/" not in link]
    images = shop.api.shared(shop.product)["product_silo_images"]
    assert len(whole) == len(images) + 2
    assert {shop.api.raw.get(link).status_code for link in links} == {200}


def test_the_home_page_tells_failures_with_their_reason_and_the_last_requests(start: Start) -> None:
    api = start()
    data = api.finalized(name="Wrong", model=b"%PDF-1.4 <i>")
    api.generate(data, VIEWER)
    api.finish()
    page = api.raw.get("/").text
    assert "arc.glb: starts with" in page
    assert "<i>" not in Links(page).tags
    assert "<b>POST</b> <code>/v1/product/job/</code>" in page


def test_an_empty_account_has_a_home_page_too(start: Start) -> None:
    assert "No products yet." in start().raw.get("/").text


def test_many_products_are_shown_on_pages_and_can_be_searched(start: Start) -> None:
    api = start()
    for number in range(26):
        api.create(name=f"Lamp {number}", sku_id=f"L-{number}")
    first, second = api.raw.get("/").text, api.raw.get("/?page=2").text
    assert (first.count('class="card"'), second.count('class="card"')) == (24, 2)
    assert 'href="/?page=2"' in first
    assert api.raw.get("/?search=l-25").text.count('class="card"') == 1
    assert "No product matches." in api.raw.get("/?search=%3Cb%3E").text
    assert api.raw.get("/?page=%C2%B2&search=").status_code == 200


def test_the_summary_has_the_sections_of_the_home_page_and_is_the_same_until_something_happens(shop: Shop) -> None:
    first = shop.api.raw.get("/sandbox/summary").json()
    page = shop.api.raw.get("/").text
    assert set(first) == set(re.findall(r'data-section="(\w+)"', page))
    for html in first.values():
        assert html in page
    assert shop.api.raw.get("/sandbox/summary").json() == first


def test_the_summary_is_for_this_machine_only(shop: Shop) -> None:
    assert shop.api.raw.get("/sandbox/summary", headers={"Host": "elsewhere.test"}).status_code == 403


@pytest.mark.parametrize("kind", PAGES)
def test_without_content_a_page_shows_the_file_its_size_thumbnail_and_download(shop: Shop, kind: str) -> None:
    page = shop.page(kind).text
    assert "arc.glb · 128 bytes" in page
    images, downloads = [[link for link in Links(page).found if part in link] for part in ("thumbnail", "prop_data")]
    assert shop.api.raw.get(images[0]).headers["Content-Type"] == "image/png"
    assert shop.api.raw.get(downloads[0]).content.startswith(b"glTF")


def test_the_3d_page_gives_the_viewer_a_signed_link_of_the_model(shop: Shop) -> None:
    shop.put("3d_model_viewer", VIEWER_MODEL, POSTER)
    links = Links(shop.page("3d-viewer").text)
    assert shop.api.raw.get(links.attributes["data-model"]).content == b"content of viewer.glb"
    assert shop.api.raw.get(links.attributes["poster"]).content == b"content of poster.webp"
    assert shop.api.raw.get(links.attributes["data-model"].split("?")[0]).status_code == 403


def test_without_a_model_for_browsers_the_3d_page_is_the_spin(shop: Shop) -> None:
    shop.put("3d_model_viewer", *SPIN_FRAMES)
    assert "data-frames" in Links(shop.page("3d-viewer").text).attributes


def test_the_spin_page_has_all_frames_in_order_or_none(shop: Shop) -> None:
    shop.put("360_degree_spin", *SPIN_FRAMES[:-1])
    assert "data-frames" not in Links(shop.page("360-viewer").text).attributes
    shop.put("360_degree_spin", *SPIN_FRAMES)
    frames = json.loads(Links(shop.page("360-viewer").text).attributes["data-frames"])
    contents = [shop.api.raw.get(frame).text for frame in frames]
    assert contents == [f"content of {name}" for name in SPIN_FRAMES]


def test_the_ar_page_has_each_devices_model_and_a_code_of_its_own_address(shop: Shop) -> None:
    shop.put("ar", VIEWER_MODEL, AR_MODEL, POSTER)
    answer = shop.page("ar-viewer")
    quick_look = re.search(r'<a class="act" rel="ar" href="([^"]+)"><img ', answer.text)
    assert quick_look is not None
    assert shop.api.raw.get(unescape(quick_look[1])).content == b"content of model.usdz"
    assert "scene-viewer" in answer.text
    assert "<svg " in answer.text
    assert "on this machine only" in answer.text
    elsewhere = shop.page("ar-viewer", Host="shop.test").text
    assert "on this machine only" not in elsewhere
    assert re.findall("<svg.*</svg>", elsewhere) != re.findall("<svg.*</svg>", answer.text)


@pytest.mark.parametrize("kind", ["", *PAGES])
@pytest.mark.parametrize("made", [(), EVERYTHING])
def test_pages_escape_names_and_load_nothing_from_elsewhere(shop: Shop, kind: str, made: tuple[str, ...]) -> None:
    for output in ("3d_model_viewer", "ar", "360_degree_spin"):
        shop.put(output, *made)
    answer = shop.page(kind) if kind else shop.api.raw.get("/")
    assert "<script>alert" not in answer.text
    assert all(script and script.startswith("/sandbox/static/") for script in Links(answer.text).scripts)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    decodes = {"/sandbox/static/viewer.js", "/sandbox/static/ar.js"} & set(Links(answer.text).scripts)
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'" + " 'unsafe-eval'" * bool(decodes)
    assert policy["frame-ancestors"] == ("*" if kind else "'self'")
    hosts = set(re.findall(r"https?://([^/\"]+)", answer.text)) - {"www.w3.org"}
    assert hosts <= {shop.api.endpoints.url.removeprefix("http://")}


def test_a_page_that_is_not_ready_is_not_found(api: Api) -> None:
    viewer = "/product/public/3d-viewer/v2/00000000-0000-4000-8000-000000000000"
    assert api.raw.get(viewer).status_code == 404


@pytest.mark.parametrize("path", sorted(path.name for path in OWN.iterdir()))
def test_our_scripts_and_styles_are_served_and_name_no_host(api: Api, path: str) -> None:
    answer = api.raw.get(f"/sandbox/static/{path}")
    assert answer.content == (OWN / path).read_bytes()
    assert answer.headers["Content-Type"].startswith(("text/javascript", "text/css"))
    assert "://" not in answer.text


def test_everything_that_our_scripts_import_is_served(api: Api) -> None:
    imports = {
        name for path in OWN.glob("*.js") for name in re.findall(r'"(/sandbox/static/\S+\.js)"', path.read_text())
    }
    assert imports
    assert {api.raw.get(name).status_code for name in imports} == {200}


def test_the_decoders_are_where_the_scripts_look_for_them() -> None:
    for place in re.findall(r'"/sandbox/static/vendor/(\w+)/"', (OWN / "model.js").read_text()):
        assert list((VENDOR / place).glob("*.wasm"))


@pytest.mark.parametrize(
    "name", ["../home.py", "vendor/../web/home.py", "/etc/passwd", "vendor/made-from.txt", "", "no"]
)
def test_nothing_outside_of_the_two_folders_is_served(name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (5 * 1024**3, "5.0 GiB")]
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert readable(size) == text
