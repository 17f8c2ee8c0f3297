"""Answers become values: the documented samples, the shapes we tolerate, and what is refused by name."""

import pytest

from catalogsync.api import operations as ops
from catalogsync.api.parse import (
    Reader,
    content_of,
    created_of,
    page_of,
    product_of,
    render_image_of,
    shared_of,
)
from catalogsync.api.zapier import account_of, feed_image_of
from catalogsync.errors import UnexpectedAnswerError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import NOT_REQUESTED, ImageSeen, OutputSeen, RemoteProduct, SharedImage, UploadForm

PRODUCT = {
    "unicode": "ddd233ee-c968-43bc-9e51-4758d946223a",
    "gtin": "3210987654321",
    "name": "Astronaut Space Suit Model",
    "main_asset_name": "astronaut_suit",
    "sku_id": "SKU-ASTRONAUT-00001",
    "created_at": "2026-04-21T12:00:00.000000+05:30",
}
FORM = {"url": "https://bucket.example/", "fields": {"key": "media/a.glb", "policy": "p", "x-amz-signature": "s"}}
STATUS = {
    **PRODUCT,
    "product_ar_status": "Done",
    "product_3d_status": None,
    "product_silo_images_status": [
        {"id": 29594794, "name": "Leaf", "status": "Done"},
        {"id": "29594800", "name": "Black bg", "status": "Processing"},
    ],
    "product_threesixty_status": [{"id": 5025, "status": "Done"}],
}
IMAGE = {
    "id": 8372439,
    "angle_name": "silo camera 1",
    "file": "https://media.example/1.jpg?Expires=1",
    "filmic_file": None,
    "color_pass_file": None,
    "thumbnail": None,
    "filmic_thumbnail": None,
    "status": "Done",
}


def read(value, operation=ops.LIST_PRODUCTS):
    return Reader.of(operation, value)


def without(value, *names):
    return {name: inner for name, inner in value.items() if name not in names}


def page(**changes):
    return {"current_page_number": 1, "total_pages": 2, "count": 21, "results": [PRODUCT], **changes}


def test_a_product_of_a_list():
    assert product_of(read(PRODUCT)) == RemoteProduct(**PRODUCT)


def test_null_numbers_and_unknown_fields_of_a_product():
    told = {**PRODUCT, "gtin": 4006381333931, "sku_id": None, "id": 73891, "upload_status": 2, "new": {"a": 1}}
    product = product_of(read(told))
    assert (product.gtin, product.sku_id, product.product_id) == ("4006381333931", "", "73891")


def test_a_created_product_has_its_forms_with_fields_in_their_order():
    told = {**PRODUCT, "upload_status": "1", "presigned_url_prop_user_file": FORM, "presigned_url_thumbnail": FORM}
    created = created_of(read(told, ops.CREATE_PRODUCT))
    fields = (("key", "media/a.glb"), ("policy", "p"), ("x-amz-signature", "s"))
    assert created.model_form == created.thumbnail_form == UploadForm("https://bucket.example/", fields)


@pytest.mark.parametrize("thumbnail", [{"presigned_url_thumbnail": None}, {"presigned_url_thumbnail": {}}, {}])
def test_without_a_thumbnail_there_is_no_form_for_one(thumbnail):
    told = {**PRODUCT, "presigned_url_prop_user_file": FORM, **thumbnail}
    assert created_of(read(told)).thumbnail_form is None


def test_a_page_of_a_list_knows_its_place():
    found = page_of(read(page(count="21", next_link="http://localhost:8000/?page=2")), 1, product_of)
    assert (found.number, found.total_pages, found.count) == (1, 2, 21)
    assert found.results == (RemoteProduct(**PRODUCT),)


def test_a_status_becomes_an_output_for_each_kind():
    seen = content_of(read(STATUS, ops.CONTENT_STATUS))
    assert seen.outputs["ar"] == OutputSeen(Progress.DONE, "Done")
    assert seen.outputs["3d_model_viewer"] == NOT_REQUESTED
    assert seen.outputs["360_degree_spin"].images == (ImageSeen(5025, "", Progress.DONE, "Done"),)
    silo = seen.outputs["silo"]
    assert (silo.progress, silo.word) == (Progress.RUNNING, "Done, Processing")
    assert [image.id for image in silo.images] == [29594794, "29594800"]


OUTPUT_SHAPES = [
    (None, Progress.NONE, ""),
    ("Disabled", Progress.DISABLED, "Disabled"),
    ("Blender Processing", Progress.RUNNING, "Blender Processing"),
    ("Melted", Progress.RUNNING, "Melted"),
    ([], Progress.RUNNING, ""),
    ([{"id": 1, "status": "Failed"}, {"id": 2, "status": "Done"}], Progress.DONE, "Failed, Done"),
    ([{"id": 1, "status": "Failed"}, {"id": 2, "status": "Failed"}], Progress.FAILED, "Failed"),
    ([{"id": 1, "status": None}], Progress.RUNNING, ""),
]


@pytest.mark.parametrize("field", ["product_3d_status", "product_silo_images_status"])
@pytest.mark.parametrize(("told", "progress", "word"), OUTPUT_SHAPES)
def test_a_status_is_read_by_its_shape(field, told, progress, word):
    seen = content_of(read({**STATUS, field: told}))
    output = seen.outputs["3d_model_viewer" if field == "product_3d_status" else "silo"]
    assert (output.progress, output.word) == (progress, word)


def test_asked_for_one_type_the_others_may_be_missing():
    told = {**PRODUCT, "product_ar_status": "Done"}
    assert list(content_of(read(told), "product_ar_status").outputs) == ["ar"]


def test_shared_content_has_pages_by_output_name_and_the_images():
    told = {
        **PRODUCT,
        "salsify_id": None,
        "thumbnail_url": "https://media.example/t.jpg",
        "product_3d": "https://app.example/3d",
        "product_ar": None,
        "product_silo_images": [{"id": 1, "name": "Leaf", "image_url": "https://i", "thumbnail_url": None}],
    }
    shared = shared_of(read(told, ops.SHARED_CONTENT))
    assert shared.urls == {"3d_model_viewer": "https://app.example/3d", "ar": "", "360_degree_spin": ""}
    assert shared.images == (SharedImage(1, "Leaf", "https://i", ""),)
    assert shared_of(read({**told, "product_silo_images": None})).images == ()


def test_a_render_image_before_and_after_it_is_done():
    done = render_image_of(read(IMAGE, ops.RENDER_IMAGES))
    assert (done.progress, done.file, done.color_pass_file) == (Progress.DONE, IMAGE["file"], "")
    waiting = render_image_of(read({**IMAGE, "file": None, "status": "Not Done"}))
    assert (waiting.progress, waiting.word, waiting.file) == (Progress.RUNNING, "Not Done", "")


def test_a_feed_image_with_tags_of_any_shape():
    told = {**IMAGE, "image_name": "Render_123", "tags": ["a", {"name": "b"}, 3], "created_at": "x"}
    assert feed_image_of(read(told, ops.ZAPIER_IMAGES)).tags == ("a", "b", "3")
    assert feed_image_of(read({**told, "tags": None})).tags == ()


def test_an_account():
    assert account_of(read({"id": 17625, "name": "imagine's team - 723"})).id == 17625


SPOILED = {
    "unicode": lambda: product_of(read(without(PRODUCT, "unicode"))),
    "name": lambda: product_of(read({**PRODUCT, "name": ["x"]})),
    "sku_id": lambda: product_of(read({**PRODUCT, "sku_id": True})),
    "presigned_url_prop_user_file": lambda: created_of(read(PRODUCT)),
    "presigned_url_prop_user_file.url": lambda: created_of(
        read({**PRODUCT, "presigned_url_prop_user_file": {**FORM, "url": "ftp://b"}})
    ),
    "presigned_url_prop_user_file.fields": lambda: created_of(
        read({**PRODUCT, "presigned_url_prop_user_file": {**FORM, "fields": None}})
    ),
    "presigned_url_thumbnail": lambda: created_of(
        read({**PRODUCT, "presigned_url_prop_user_file": FORM, "presigned_url_thumbnail": "https://x"})
    ),
    "current_page_number": lambda: page_of(read(page(current_page_number=2)), 1, product_of),
    "total_pages": lambda: page_of(read(without(page(), "total_pages")), 1, product_of),
    "count": lambda: page_of(read(page(count="many")), 1, product_of),
    "results": lambda: page_of(read(page(results=None)), 1, product_of),
    "results.0": lambda: page_of(read(page(results=["x"])), 1, product_of),
    "results.0.unicode": lambda: page_of(read(page(results=[{}])), 1, product_of),
    "product_3d_status": lambda: content_of(read(without(STATUS, "product_3d_status"))),
    "product_ar_status": lambda: content_of(read({**STATUS, "product_ar_status": 7})),
    "product_threesixty_status": lambda: content_of(read(STATUS | {"product_threesixty_status": {"id": 1}})),
    "product_silo_images_status.0.id": lambda: content_of(read(STATUS | {"product_silo_images_status": [{}]})),
    "product_ar": lambda: shared_of(read({**PRODUCT, "product_ar": {"url": "x"}})),
    "id": lambda: render_image_of(read({**IMAGE, "id": 1.5})),
}


@pytest.mark.parametrize("field", SPOILED)
def test_what_we_need_and_miss_is_named_with_its_operation(field):
    with pytest.raises(UnexpectedAnswerError) as caught:
        SPOILED[field]()
    assert "Could not read the list of products" in str(caught.value) or "Could not " in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.parametrize("answer", [None, [], "x", 3])
def test_an_answer_that_is_no_object_is_refused(answer):
    with pytest.raises(UnexpectedAnswerError, match=r"Could not read the list of products: .* not a JSON object"):
        read(answer)
