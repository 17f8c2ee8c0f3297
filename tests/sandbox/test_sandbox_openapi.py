"""schemas/imagine.openapi.yaml against a live sandbox: generated calls never break it, and every answer conforms."""

import json
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sandbox_client import AR, MODEL, SILO, SPIN, VIEWER, Api, unique
from sandbox_description import BUCKET, DOCUMENT, OPERATIONS
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
FUZZED = sorted(OPERATIONS.keys() - {BUCKET})
BOUNDED = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sandbox with one finished product, and what names it."""
    from contextlib import ExitStack

    from catalogsync.sandbox import SandboxSettings, running

    chosen = SandboxSettings(tmp_path_factory.mktemp("described"), port=0, job_seconds=0.0, image_size=32)
    with ExitStack() as stack:
        api = Api(stack.enter_context(running(chosen)), stack)
        data = api.finalized(sku_id="FUZZ-1", gtin="4006381333931")
        api.generate(data, VIEWER, AR, SPIN, SILO)
        render_id = api.render("FUZZ-1").json()["data"]["render_id"]
        api.finish()
        known = {"unicode": data["unicode"], "product": data["unicode"], "sku_id": "FUZZ-1", "gtin": data["gtin"]}
        yield api, known | {"render_id": render_id, "product_id": data["id"], "scene_id": 7550}


@pytest.mark.parametrize(("method", "path"), FUZZED)
def test_every_answer_to_generated_calls_is_described(world: Any, method: str, path: str) -> None:
    api, known = world
    operation = SCHEMA[path][method]

    @seed(1)
    @BOUNDED
    @given(case=operation.as_strategy(), real=st.booleans())
    def check(case: schemathesis.Case, real: bool) -> None:
        if real and method != "DELETE":
            name_what_there_is(case, known)
        answer = case.call(base_url=api.endpoints.url, headers=headers_of(api, path))
        case.validate_response(answer, checks=CHECKS)

    check()


def name_what_there_is(case: Any, known: dict[str, Any]) -> None:
    """Half of the calls are about something that exists: all others end at "not found"."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in known.items() if name in part})


def headers_of(api: Api, path: str) -> dict[str, str]:
    if path.startswith("/v1/"):
        return {"Authorization": f"Imagine-key {api.endpoints.secret_key}", "Origin": api.endpoints.origin}
    return {"Authorization": f"Zapier {api.endpoints.zapier_token}"}


@pytest.mark.parametrize(("method", "path"), [pair for pair in FUZZED if OPERATIONS[pair].security])
def test_without_a_key_every_operation_answers_the_described_401(world: Any, method: str, path: str) -> None:
    api, _ = world
    case = SCHEMA[path][method].Case(path_parameters={"unicode": unique("any")})
    answer = case.call(base_url=api.endpoints.url, headers={"Authorization": "Imagine-key sk_wrong"})
    assert answer.status_code == 401
    case.validate_response(answer, checks=CHECKS)


def test_the_bucket_answers_as_described(api: Api) -> None:
    form = api.create()["presigned_url_prop_user_file"]
    case = SCHEMA["/"]["POST"].Case()
    for answer in (api.send(form, MODEL), api.send(form, MODEL, key="elsewhere"), api.raw.post("/bucket/")):
        answer.request.read()
        case.validate_response(answer, checks=CHECKS[:-1])


@pytest.mark.parametrize(("kind", "read"), [("yaml", yaml.safe_load), ("json", json.loads)])
def test_the_sandbox_serves_the_description_with_its_own_addresses(api: Api, kind: str, read: Any) -> None:
    answer = api.raw.get(f"/sandbox/openapi.{kind}")
    document = read(answer.text)
    url = api.endpoints.url
    assert document["servers"] == [{"url": url}]
    assert document["paths"]["/"]["servers"][0]["url"] + "/" == f"{url}/bucket/"
    zapier = "/users/api/v3/token/verify/"
    assert document["paths"][zapier]["servers"][0]["url"] + zapier == f"{url}/{zapier}"
    assert document["paths"].keys() == DOCUMENT["paths"].keys()
