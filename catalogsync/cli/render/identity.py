"""Who we are for the remote, and where a sandbox is, as text. Keys are shown for the sandbox alone: it made them."""

from __future__ import annotations

from collections.abc import Mapping

import click

from catalogsync.cli.render.printable import printable
from catalogsync.workflow.account import AccountLook


def identity_text(look: AccountLook) -> str:
    lines = [f"API      {look.api_url}", f"Origin   {look.origin or 'not set'}"]
    for key in look.keys:
        word = click.style("works", fg="green") if key.works else click.style("does not work", fg="red")
        lines.append(f"{key.kind.capitalize():<8} {word}: {printable(key.says)}")
        if key.hint:
            lines.append(f"         {printable(key.hint)}")
    if not look.keys:
        lines.append("No key is set. Set CATALOGSYNC_SECRET_KEY, CATALOGSYNC_PUBLIC_KEY and CATALOGSYNC_ORIGIN.")
    if look.products is not None:
        lines.append(f"Products {look.products:,}")
    if look.credits_available is not None:
        lines.append(f"Credits  {look.credits_available:,} available")
    return "\n".join(lines)


_VARIABLES = {
    "url": "CATALOGSYNC_API_URL",
    "zapier_url": "CATALOGSYNC_ZAPIER_URL",
    "origin": "CATALOGSYNC_ORIGIN",
    "secret_key": "CATALOGSYNC_SECRET_KEY",
    "public_key": "CATALOGSYNC_PUBLIC_KEY",
    "zapier_token": "CATALOGSYNC_ZAPIER_TOKEN",
}


def endpoints_text(endpoints: Mapping[str, str]) -> str:
    """Ready to be pasted into a shell."""
    exports = "\n".join(f"export {_VARIABLES[name]}={value}" for name, value in endpoints.items())
    return f"The sandbox is ready; open {endpoints['url']}/ in a browser. To use it from another shell:\n\n{exports}\n"
