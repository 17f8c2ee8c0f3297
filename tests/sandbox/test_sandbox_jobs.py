"""Content jobs and renders over time: states, lists, duplicates, archives, failures, and real files."""

import io
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sandbox_client import AR, JOB_SECONDS, SILO, SPIN, VIEWER, Api, Start, unique

from catalogsync.sandbox import SandboxSettings, running
from catalogsync.sandbox.content import plain

RENDER_IMAGES = "/v1/product/render-images/"
ARCHIVE = "/v1/product/render-content/archive/"


def test_statuses_are_null_before_a_job_then_empty_then_filled(api: Api) -> None:
    data = api.finalized()
    fields = [
        "product_ar_status",
        "product_3d_status",
        "product_silo_images_status",
        "product_threesixty_status",
    ]
    assert [api.status(data)[field] for field in fields] == [None] * 4
    api.generate(data, VIEWER, AR, SPIN, SILO)
    assert [api.status(data)[field] for field in fields] == ["Not Done", "Not Done", [], []]
    assert api.shared(data)["product_silo_images"] == []
    api.finish()
    shared = api.shared(data)
    assert len(shared["product_silo_images"]) == len(api.status(data)["product_silo_images_status"])
    assert [name for name, value in shared.items() if value is None] == ["gtin", "sku_id", "salsify_id"]


def test_each_content_type_is_made_only_when_asked_for(api: Api) -> None:
    data = api.finalized()
    api.generate(data, AR)
    api.finish()
    status, shared = api.status(data), api.shared(data)
    assert (status["product_ar_status"], status["product_3d_status"]) == ("Done", None)
    assert [shared[field] is None for field in ("product_ar", "product_3d", "product_threesixty")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("product_ar_status", "product_ar"),
        ("product_3d_status", "product_3d"),
        ("product_silo_images_status", "product_silo_images"),
        ("product_threesixty_status", "product_threesixty"),
    ],
)
def test_content_type_filters(api: Api, content_type: str, shown: str) -> None:
    data = api.create()
    kinds = {"product_ar", "product_3d", "product_silo_images", "product_threesixty"}
    status = api.status(data, content_type=content_type)
    assert {name for name in status if name.endswith("_status")} == {content_type}
    assert kinds & set(api.shared(data, content_type=content_type)) == {shown}


def test_a_second_job_makes_duplicates_of_lists(api: Api) -> None:
    data = api.finalized()
    for _ in range(2):
        api.generate(data, SPIN, SILO)
    api.finish()
    status = api.status(data)
    names = [entry["name"] for entry in status["product_silo_images_status"]]
    assert len(names) == 2 * len(set(names))
    assert len(status["product_threesixty_status"]) == 2


def test_jobs_go_on_after_a_restart(start: Start, tmp_path: Path) -> None:
    settings = SandboxSettings(tmp_path / "data", port=0, job_seconds=JOB_SECONDS, image_size=64)
    with running(settings) as endpoints, ExitStack() as clients:
        api = Api(endpoints, clients)
        data = api.finalized()
        api.generate(data, VIEWER, SILO)
        assert api.status(data)["product_3d_status"] == "Not Done"
    again = start()
    assert again.status(data)["product_3d_status"] == "Not Done"
    again.finish()
    assert again.status(data)["product_3d_status"] == "Done"
    assert {entry["status"] for entry in again.status(data)["product_silo_images_status"]} == {"Done"}


def test_urls_may_come_later_than_done(start: Start) -> None:
    api = start(url_lag_seconds=50)
    data = api.finalized(sku_id="S")
    api.generate(data, VIEWER, SILO)
    api.render("S")
    api.finish()
    assert api.status(data)["product_3d_status"] == "Done"
    assert api.shared(data)["product_3d"] is None
    (row, _) = api.json("GET", RENDER_IMAGES, params={"sku_id": "S"})["results"]
    assert (row["status"], row["file"]) == ("Done", None)
    api.advance(50)
    assert api.shared(data)["product_3d"] is not None
    assert len(api.shared(data)["product_silo_images"]) == len(api.status(data)["product_silo_images_status"])


def set_archived(api: Api, data: dict[str, Any], ids: list[int], *, archived: bool) -> Any:
    body = {"ids": ids, "is_archive": archived, "unicode": data["unicode"]}
    return api.json("PATCH", ARCHIVE, json=body)["data"]


def test_archived_images_are_hidden_until_they_are_unarchived(api: Api) -> None:
    sku = unique("SKU")
    data = api.finalized(sku_id=sku)
    api.generate(data, SILO)
    api.render(sku)
    api.finish()
    silo, *others = [image["id"] for image in api.shared(data)["product_silo_images"]]
    rendered, kept = [row["id"] for row in api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["results"]]
    assert set_archived(api, data, [silo, rendered], archived=True) == {"updated_count": 2, "ids": [silo, rendered]}
    assert [image["id"] for image in api.shared(data)["product_silo_images"]] == others
    assert [image["id"] for image in api.status(data)["product_silo_images_status"]] == others
    assert [row["id"] for row in api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["results"]] == [kept]
    set_archived(api, data, [silo, rendered], archived=False)
    assert len(api.shared(data)["product_silo_images"]) == len(others) + 1
    assert api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["count"] == 2


def test_images_of_another_product_are_not_archived(api: Api) -> None:
    data, other = api.finalized(), api.finalized()
    api.generate(other, SILO)
    api.finish()
    ids = [image["id"] for image in api.shared(other)["product_silo_images"]]
    assert set_archived(api, data, ids, archived=True) == {"updated_count": 0, "ids": []}


def test_rendered_images_are_found_by_each_documented_parameter(api: Api) -> None:
    sku, name = unique("SKU"), unique("Name")
    data = api.finalized(sku_id=sku, name=name)
    render_id = api.render(sku).json()["data"]["render_id"]
    queries: list[dict[str, Any]] = [
        {"render_id": render_id},
        {"product_id": data["id"]},
        {"sku_id": sku},
        {"product_name": name[1:-1].upper()},
        {"render_id": render_id, "sku_id": sku},
    ]
    found = [[row["id"] for row in api.json("GET", RENDER_IMAGES, params=query)["results"]] for query in queries]
    assert len(found[0]) == 2
    assert found == [found[0]] * len(queries)
    assert api.json("GET", RENDER_IMAGES, params={"sku_id": "nobody"})["results"] == []


def test_a_render_may_show_several_products(api: Api) -> None:
    skus = [unique("SKU") for _ in range(3)]
    for sku in skus:
        api.finalized(sku_id=sku)
    answer = api.render(*skus, cameras_to_render=[8152588]).json()
    assert answer["data"]["sku_ids"] == skus
    api.finish()
    for sku in skus:
        (row,) = api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["results"]
        assert (row["angle_name"], row["status"]) == ("Close-up", "Done")


def opened(api: Api, url: str) -> Image.Image:
    answer = api.raw.get(url)
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


def test_silo_images_are_real_pictures_on_their_backgrounds(api: Api) -> None:
    data = api.finalized()
    api.generate(data, SILO)
    api.finish()
    pictures = {image["name"].split(" - ")[1]: image for image in api.shared(data)["product_silo_images"]}
    corners = {"White bg": (255, 255, 255), "Black bg": (0, 0, 0)}
    for name, colour in corners.items():
        picture = opened(api, pictures[name]["image_url"])
        assert (picture.format, picture.size) == ("JPEG", (64, 64))
        assert picture.getpixel((0, 0)) == pytest.approx(colour, abs=6)
    transparent = opened(api, pictures["Transparent bg"]["image_url"])
    assert (transparent.format, transparent.mode) == ("PNG", "RGBA")
    assert transparent.getpixel((0, 0))[3] == 0  # type: ignore[index]  # an RGBA pixel is a tuple
    red, green, blue = opened(api, pictures["White bg"]["image_url"]).getpixel((32, 30))  # type: ignore[misc]
    assert red > 150 > green > blue, "the middle shows the thumbnail"


def test_rendered_images_are_real_pictures(api: Api) -> None:
    sku = unique("SKU")
    api.finalized(sku_id=sku, thumbnail_name="")
    api.render(sku)
    api.finish()
    for row in api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["results"]:
        formats = {name: opened(api, row[name]).format for name in row if name.endswith(("file", "thumbnail"))}
        assert formats.pop("color_pass_file") == "PNG"
        assert set(formats.values()) == {"JPEG"}


def test_a_thumbnail_that_is_no_picture_becomes_a_card(api: Api) -> None:
    data = api.create()
    api.send(data["presigned_url_prop_user_file"], b"glTF" + bytes(20))
    api.send(data["presigned_url_thumbnail"], b"not a picture")
    api.mark(data)
    api.generate(data, SILO)
    api.finish()
    assert len(api.shared(data)["product_silo_images"]) == len(api.status(data)["product_silo_images_status"]) > 0


def test_a_model_that_contradicts_its_extension_fails_with_a_reason(api: Api) -> None:
    sku = unique("SKU")
    data = api.finalized(model=b"%PDF-1.7 not a model", sku_id=sku)
    api.generate(data, VIEWER, AR, SPIN, SILO)
    api.render(sku)
    api.finish()
    status = api.status(data)
    lists = status["product_silo_images_status"] + status["product_threesixty_status"]
    lists += api.json("GET", RENDER_IMAGES, params={"sku_id": sku})["results"]
    assert {status["product_3d_status"], status["product_ar_status"], *(row["status"] for row in lists)} == {"Failed"}
    assert api.shared(data)["product_3d"] is None
    assert any("arc.glb: starts with b'%PDF" in failure["reason"] for failure in api.log()["failures"])


def test_the_test_virus_is_infected(api: Api) -> None:
    data = api.finalized(model=b"glTF X5O!P%@AP-EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    api.generate(data, VIEWER, SILO)
    api.finish()
    status = api.status(data)
    assert status["product_3d_status"] == "Infected"
    assert {entry["status"] for entry in status["product_silo_images_status"]} == {"Failed"}


def test_content_that_cannot_be_made_fails_with_a_reason(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(plain, "draw_silo", broken)
    api = start()
    data = api.finalized()
    api.generate(data, SILO)
    api.finish()
    assert {entry["status"] for entry in api.status(data)["product_silo_images_status"]} == {"Failed"}
    assert "MemoryError: no room" in {failure["reason"] for failure in api.log()["failures"]}
