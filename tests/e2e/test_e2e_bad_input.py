"""Keys, hosts, manifests and files that are wrong: a clear word, the right exit code, and nothing called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future

import pytest
from e2e_command import Command
from e2e_remote import CREATE, Remote
from e2e_shop import Shop, product, tiny_glb
from e2e_world import World, side_by_side

Runs = Mapping[str, Future[None]]
APPLY = ("apply", "--auto-approve")
UNCHANGED = ("plan", "--detailed-exitcode")
NO_KEYS = {"CATALOGSYNC_SECRET_KEY": None, "CATALOGSYNC_PUBLIC_KEY": None}

ENVIRONMENTS: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "no key": (NO_KEYS, ("CATALOGSYNC_SECRET_KEY is not set", "Set CATALOGSYNC_")),
    "wrong key": ({"CATALOGSYNC_PUBLIC_KEY": "pk_wrong"}, ("the public key", "HTTP 401", "Check CATALOGSYNC_")),
    "no origin": ({"CATALOGSYNC_ORIGIN": None}, ("CATALOGSYNC_ORIGIN is not set",)),
    "wrong origin": ({"CATALOGSYNC_ORIGIN": "other.example"}, ('origin "other.example"', "CATALOGSYNC_ORIGIN")),
    "no network": ({"CATALOGSYNC_API_URL": "http://127.0.0.1:9"}, ("No connection to 127.0.0.1:9", "HTTPS_PROXY")),
    "no such host": ({"CATALOGSYNC_API_URL": "http://nowhere.invalid"}, ("No connection to nowhere.invalid",)),
    "no URL": ({"CATALOGSYNC_API_URL": "imagine"}, ("CATALOGSYNC_API_URL is not a URL", "https://host")),
    "a key of two lines": ({"CATALOGSYNC_PUBLIC_KEY": "pk_a\nb"}, ("CATALOGSYNC_PUBLIC_KEY contains characters",)),
    "no duration": ({"CATALOGSYNC_POLL_INITIAL": "soon"}, ("--poll-initial", "write 90, 90s, 15m or 2h")),
}


def live_with_environment(world: World, case: tuple[dict[str, str | None], tuple[str, ...]]) -> None:
    environment, words = case
    ran = world.command(*APPLY, code=1, **environment)
    assert ran.out == ""
    for word in words:
        assert word in ran.err, ran
    assert world.remote.writes() == []


@pytest.fixture(scope="module")
def environments(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, ENVIRONMENTS, live_with_environment) as futures:
        yield futures


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_that_cannot_work(name: str, environments: Runs) -> None:
    environments[name].result()


def test_a_public_key_plans_and_cannot_write(command: Command, remote: Remote) -> None:
    assert "Plan: 7 to add" in command("plan", CATALOGSYNC_SECRET_KEY=None).out
    ran = command(*APPLY, code=1, CATALOGSYNC_SECRET_KEY=None)
    assert "set CATALOGSYNC_SECRET_KEY to apply" in ran.err
    assert remote.writes() == []
    command(*APPLY)


def missing_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").unlink()


def picture_as_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes((shop.folder / "thumbnails/lamp.png").read_bytes())


def cut_off_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes(tiny_glb("a lamp that is cut off")[:-4])


def empty_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes(b"")


def large_file_pointer(shop: Shop) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    (shop.folder / "models/lamp.glb").write_text(pointer)


def same_sku(shop: Shop) -> None:
    shop.products[1]["sku_id"] = "LAMP"
    shop.manifest.write_text(shop.manifest.read_text().replace('"CHAIR"', '"LAMP"'))


def outside_model(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text().replace("models/lamp.glb", "../lamp.glb"))


def empty_manifest(shop: Shop) -> None:
    shop.manifest.write_text("")


def folder_as_manifest(shop: Shop) -> None:
    shop.manifest.unlink()
    shop.manifest.mkdir()


def no_manifest(shop: Shop) -> None:
    shop.manifest.unlink()


def no_yaml(shop: Shop) -> None:
    shop.manifest.write_text("version: [1\n")


def no_text(shop: Shop) -> None:
    shop.manifest.write_bytes(b"\xff\xfe\x00version")


MANIFESTS: dict[str, tuple[Callable[[Shop], None], str]] = {
    "model missing": (missing_model, "[asset-missing]"),
    "model is a picture": (picture_as_model, "[asset-content]"),
    "model cut off": (cut_off_model, "[asset-incomplete]"),
    "model empty": (empty_model, "[asset-empty]"),
    "model is an LFS pointer": (large_file_pointer, "git lfs pull"),
    "model outside": (outside_model, "[asset-outside]"),
    "two products, one sku_id": (same_sku, "[duplicate-sku-id]"),
    "manifest empty": (empty_manifest, "[empty-file]"),
    "manifest is a folder": (folder_as_manifest, "[file-missing]"),
    "no manifest": (no_manifest, "[file-missing]"),
    "manifest is no YAML": (no_yaml, "[yaml-syntax]"),
    "manifest is no text": (no_text, "[encoding]"),
}


def live_with_manifest(world: World, case: tuple[Callable[[Shop], None], str]) -> None:
    """Files are looked at before anything is called or remembered."""
    spoil, word = case
    spoil(world.shop)
    ran = world.command(*APPLY, code=1)
    assert ran.out == ""
    assert word in ran.err, ran
    assert "The manifest has 1 error.\n" in ran.err
    assert world.remote.log() == []
    assert not world.shop.state.exists()


@pytest.fixture(scope="module")
def manifests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, MANIFESTS, live_with_manifest) as futures:
        yield futures


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_or_file_that_is_wrong(name: str, manifests: Runs) -> None:
    manifests[name].result()


def test_the_other_way_round_than_the_account_is_a_conflict_with_ways_out(command: Command, shop: Shop) -> None:
    """A sku_id of the account under another gtin, which is another product's there."""
    command(*APPLY)
    shop.products[0]["gtin"], shop.products[1]["gtin"] = shop.products[1]["gtin"], shop.products[0]["gtin"]
    shop.write()
    ran = command(*UNCHANGED, "--state", "fresh.db", code=6)
    assert "is in conflict\n" in ran.out
    assert "To go on: " in ran.out
    shop.products[0]["gtin"], shop.products[1]["gtin"] = shop.products[1]["gtin"], shop.products[0]["gtin"]
    shop.write()
    command(*UNCHANGED)


def test_a_file_that_changes_while_it_is_uploaded_is_never_finalized(
    command: Command, shop: Shop, remote: Remote
) -> None:
    shop.products, shop.renders = [product("LAMP", outputs=[])], []
    shop.write()
    remote.fault(CREATE, "delay", seconds=0.5)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        (shop.folder / "models/lamp.glb").write_bytes(tiny_glb("another lamp"))
        ran = command.ended(process)
    assert ran.code == 3
    assert "changed" in ran.out
    assert remote.finalized() == []
    command(*APPLY)
    assert remote.finalized() == ["LAMP"]
    (key,) = remote.books("SELECT model_key FROM products WHERE deleted_at IS NULL")[0]
    assert remote.object(key) == shop.file_of("LAMP")


def test_a_key_is_in_no_file_and_no_output(command: Command, remote: Remote, shop: Shop) -> None:
    """The fixtures look for keys after every run and in every file; here is that they would find one."""
    command(*APPLY)
    with pytest.raises(AssertionError, match="a key was shown"):
        command("--help", code=0, wrap=["sh", "-c", f"echo {remote.endpoints.secret_key}; exit 0"])
