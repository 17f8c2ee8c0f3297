"""One comment or issue that is kept up to date: found by the marker it begins with, then replaced in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catalogsync.hosting.fitting import fitted
from catalogsync.hosting.port import Note, Posted, Thread
from catalogsync.hosting.review import understood

if TYPE_CHECKING:
    from catalogsync.hosting.port import Host

LABEL = "catalogsync"


def marker_of(key: str) -> str:
    """A line that readers do not see. Only letters, digits and `._/-` stay, so that no key can end the comment."""
    return f"<!-- catalogsync:{re.sub(r'[^A-Za-z0-9._/]+', '-', key)} -->"


def post_comment(host: Host, text: str, *, key: str, number: int | None = None) -> Posted:
    """Create or replace the comment of this key. Raises HostingError."""
    with understood():
        return _put(host.comments(number), "", text, marker_of(key), host.limit)


def post_issue(host: Host, text: str, *, key: str, title: str) -> Posted:
    """Create or replace the open issue of this key. Raises HostingError."""
    with understood():
        return _put(host.issues(LABEL), title, text, marker_of(key), host.limit)


def close_issue(host: Host, *, key: str) -> str | None:
    """Close the open issue of this key. Returns its address, None when there is none. Raises HostingError."""
    with understood():
        thread = host.issues(LABEL)
        note = _found(thread, marker_of(key))
        if note is None:
            return None
        thread.close(note)
        return note.url


def _put(thread: Thread, title: str, text: str, marker: str, limit: int) -> Posted:
    body = f"{marker}\n{fitted(text, limit - len(marker) - 1)}"
    note = _found(thread, marker)
    if note is None:
        return Posted(thread.create(title, body).url, updated=False)
    return Posted(thread.update(note, title, body).url, updated=True)


def _found(thread: Thread, marker: str) -> Note | None:
    """Somebody else's comment with our marker is not ours: its writer could change what reviewers read."""
    return next((note for note in thread.notes() if note.own and note.body.startswith(marker)), None)
