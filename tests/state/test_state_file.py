"""Opening the file: what is made, what is refused and with which words."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from catalogsync.errors import StateDamagedError, StateError, StateLockedError, StorageFullError
from catalogsync.model.state import Bind, Note, Origin, Phase, ProductBinding, Stage
from catalogsync.state import StateStore, faults, move_aside, schema

PRODUCT = ProductBinding("product.A", "u", Origin.CREATED, Stage.CREATED, {"sku_id": "A"})


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / ".catalogsync" / "state.db"


@pytest.fixture
def filled(path) -> Path:
    """A closed state with a product and a journal of some pages."""
    with StateStore.open(path) as store:
        store.commit_now(Bind(PRODUCT), *(Note("r", "product.A", "s" * 500, Phase.DONE) for _ in range(100)))
    return path


def test_opening_makes_the_folder_hidden_from_git_and_a_private_file(path):
    with StateStore.open(path) as store:
        store.commit_now(Bind(PRODUCT))
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("state.db*")}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_folder_that_is_not_ours_gets_no_gitignore(tmp_path):
    StateStore.open(tmp_path / "kept" / "state.db").close()
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["state.db"]


def test_a_folder_that_was_there_keeps_its_gitignore(path):
    path.parent.mkdir()
    StateStore.open(path).close()
    assert not (path.parent / ".gitignore").exists()


def test_what_was_remembered_is_there_after_opening_again(filled):
    with StateStore.open(filled) as store:
        state = store.load()
    with StateStore.open(filled) as again:
        assert again.load() == state
    assert state.products == {"product.A": PRODUCT}
    assert state.serial == 1


def test_a_missing_state_is_refused_when_it_must_be_there(path):
    with pytest.raises(StateError, match="There is no state at") as caught:
        StateStore.open(path, create=False)
    assert "catalogsync apply" in caught.value.hint
    assert not path.parent.exists()


def test_processes_that_open_a_new_state_at_once_share_one(path):
    code = "import sys; from pathlib import Path; from catalogsync.state import StateStore as S\n"
    code += "sys.stdin.readline(); print(S.open(Path(sys.argv[1])).load().lineage)"
    command = [sys.executable, "-c", code, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    lineages = {process.communicate()[0] for process in processes}
    assert len(lineages) == 1
    assert lineages != {""}


def cut(size: int):
    return lambda path: os.truncate(path, size)


def overwrite(at: int, data: bytes):
    def spoil(path):
        with path.open("r+b") as file:
            file.seek(at)
            file.write(data)

    return spoil


def spoil_all_pages_after_the_first(path):
    size = path.stat().st_size
    overwrite(4096, b"\xa5" * (size - 4096))(path)


def empty_beside_a_log(path):
    os.truncate(path, 0)
    path.with_name("state.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 60)


def execute(sql: str):
    def spoil(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(sql)

    return spoil


DAMAGE = {
    "not SQLite": (overwrite(0, b"{}" * 100), "it is not a state file"),
    "a few bytes": (cut(7), "it is cut off"),
    "the first page only": (cut(4096), "malformed"),
    "half a page": (cut(2000), "malformed|not a database"),
    "cut in the middle": (cut(3 * 4096), "malformed"),
    "bad pages": (spoil_all_pages_after_the_first, "malformed"),
    "empty beside a log": (empty_beside_a_log, "it is empty, but the log"),
    "a row that is no JSON": (execute("UPDATE bindings SET data = '{'"), "a row in it is not understood"),
    "a row of another kind": (execute("UPDATE bindings SET kind = 'asset'"), "a row in it is not understood"),
    "a row without a key": (execute("UPDATE bindings SET data = '{}'"), "a row in it is not understood"),
    "a table that is missing": (execute("DROP TABLE bindings"), "no such table"),
    "no lineage": (execute("DELETE FROM meta"), "a row in it is not understood"),
}


@pytest.mark.parametrize(("spoil", "why"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_state_is_refused_with_the_way_out(filled, spoil, why):
    spoil(filled)
    with pytest.raises(StateError, match=why) as caught, StateStore.open(filled) as store:
        store.load()
    message = str(caught.value)
    assert str(filled) in message
    assert "Nothing on the remote is lost" in message
    assert f"mv {filled}" in caught.value.hint
    assert "copy" in caught.value.hint


def test_an_empty_file_is_a_new_state(path):
    path.parent.mkdir()
    path.touch()
    with StateStore.open(path) as store:
        assert store.load().serial == 0


def test_damage_after_an_unclean_end_is_found_when_the_state_is_opened(filled, tmp_path):
    store = StateStore.open(filled)
    store.commit_now(Bind(PRODUCT), Note("r", "product.A", "s", Phase.DONE))
    copy = tmp_path / "copy.db"
    shutil.copy(filled, copy)
    shutil.copy(filled.with_name("state.db-wal"), copy.with_name("copy.db-wal"))
    store.close()
    spoil_all_pages_after_the_first(copy)
    with pytest.raises(StateError, match="cannot be read"):
        StateStore.open(copy)


def test_a_large_state_is_not_read_through_after_an_unclean_end(filled, monkeypatch):
    monkeypatch.setattr(schema, "CHECKED_BYTES", 0)
    monkeypatch.setattr(schema, "_check", lambda *_: pytest.fail("it was read through"))
    with StateStore.open(filled) as first:
        first.commit_now(Bind(PRODUCT), Note("r", "product.A", "s", Phase.DONE))
        StateStore.open(filled).close()


def test_a_database_of_another_program_is_left_alone(path):
    path.parent.mkdir()
    execute("CREATE TABLE theirs (x)")(path)
    before = path.read_bytes()
    with pytest.raises(StateError, match="another program"):
        StateStore.open(path)
    assert path.read_bytes() == before


def test_a_folder_in_place_of_the_file_is_named(path):
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be opened for writing"):
        StateStore.open(path)


def test_a_file_in_place_of_the_folder_is_named(path):
    path.parent.touch()
    with pytest.raises(StateError, match="cannot be opened for writing"):
        StateStore.open(path)


# Root may write everywhere, so the process becomes nobody first.
AS_NOBODY = """
import os, sys
from pathlib import Path
from catalogsync.errors import StateError
from catalogsync.state import StateStore
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    StateStore.open(Path(sys.argv[1]))
except StateError as error:
    print(error, error.hint)
"""


@pytest.mark.parametrize("there", [True, False], ids=["with a state", "without one"])
def test_a_folder_that_may_not_be_written_is_named(there):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        if there:
            StateStore.open(path).close()
            path.chmod(0o444)
        Path(folder).chmod(0o555)
        answer = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(path)], capture_output=True, text=True, check=True, cwd="/"
        )
        Path(folder).chmod(0o755)
    assert f"The state {path} cannot be opened for writing" in answer.stdout
    assert f"The folder {folder}" in answer.stdout


class NoLog:
    """A connection to a file system on which SQLite falls back to another journal."""

    def execute(self, sql):
        return self

    def fetchone(self):
        return ("delete",)


def test_a_file_system_without_a_write_ahead_log_is_named(path):
    with pytest.raises(StateError, match="cannot hold a state") as caught:
        schema._write_ahead(NoLog(), path)
    assert "local disk" in caught.value.hint


def of_code(code: int, text: str = "x") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


TRANSLATIONS = {
    "full": (of_code(sqlite3.SQLITE_FULL), StorageFullError, "no room left"),
    "full in words": (sqlite3.OperationalError("database or disk is full"), StorageFullError, "no room left"),
    "corrupt": (of_code(sqlite3.SQLITE_CORRUPT), StateDamagedError, "cannot be read"),
    "no database": (of_code(sqlite3.SQLITE_NOTADB), StateDamagedError, "cannot be read"),
    "busy": (of_code(sqlite3.SQLITE_BUSY), StateLockedError, "Another process"),
    "busy, extended": (of_code(sqlite3.SQLITE_BUSY_SNAPSHOT), StateLockedError, "Another process"),
    "read-only": (of_code(sqlite3.SQLITE_READONLY_DIRECTORY), StateError, "for writing"),
    "cannot open": (of_code(sqlite3.SQLITE_CANTOPEN), StateError, "for writing"),
    "disk": (of_code(sqlite3.SQLITE_IOERR_SHMMAP), StateError, "cannot hold a state"),
    "disk, at work": (of_code(sqlite3.SQLITE_IOERR_WRITE), StateError, "could not be read or written"),
    "locking": (of_code(sqlite3.SQLITE_PROTOCOL), StateError, "cannot hold a state"),
    "anything else": (of_code(sqlite3.SQLITE_ERROR), StateDamagedError, "cannot be read"),
    "no space": (OSError(errno.ENOSPC, "No space left"), StorageFullError, "no room left"),
    "no quota": (OSError(errno.EDQUOT, "Quota exceeded"), StorageFullError, "no room left"),
    "no permission": (PermissionError(errno.EACCES, "Permission denied"), StateError, "Permission denied"),
}


@pytest.mark.parametrize(("error", "kind", "words"), TRANSLATIONS.values(), ids=TRANSLATIONS.keys())
def test_foreign_errors_become_ours_and_name_the_file(error, kind, words):
    path = Path("work") / "state.db"
    with pytest.raises(StateError, match=words) as caught, faults.ours(path):
        raise error
    assert type(caught.value) is kind
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_every_page_is_read_when_the_whole_is_checked(filled):
    """A page of the journal, which loading never reads, of a file too large to be checked when it is opened."""
    with StateStore.open(filled) as store:
        store.check()
    of_the_journal = filled.read_bytes().index(b"s" * 400) // 4096
    overwrite(of_the_journal * 4096, b"\xa5" * 4096)(filled)
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}
        with pytest.raises(StateDamagedError, match=str(filled)):
            store.check()


def test_a_damaged_state_is_moved_aside_with_its_log_and_both_keep_their_content(tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(b"damaged")
    path.with_name("state.db-wal").write_bytes(b"log")
    kept = move_aside(path, "rebuild", lambda: "2026-02-03T04:05:06.789Z")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "state.db.backup-rebuild-20260203T040506Z": b"damaged",
        "state.db.backup-rebuild-20260203T040506Z-wal": b"log",
    }
    assert kept.read_bytes() == b"damaged"


def test_a_state_that_cannot_be_moved_is_named(tmp_path):
    with pytest.raises(StateError, match=r"state\.db cannot be opened for writing: No such file"):
        move_aside(tmp_path / "state.db", "rebuild")
