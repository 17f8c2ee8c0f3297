"""Conversations with a scripted server, for every test of the client."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from stub_remote import Talk, converse


@pytest.fixture
def talk():
    """Run one conversation: `talk(lambda client: client.delete_product("u"), [told(204)])`."""

    def run(act: Callable[[object], Awaitable[object]], script, *, zapier=False, **changes) -> Talk:
        return asyncio.run(converse(act, script, zapier=zapier, **changes))

    return run
