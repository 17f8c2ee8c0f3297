"""Text inside Markdown that stays text: it mentions nobody, links nothing and breaks no table."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from catalogsync.cli.render.printable import printable, shortened

# An entity is never structure in CommonMark, whatever it stands for.
_PUNCTUATION = {ord(sign): f"&#{ord(sign)};" for sign in "!#$&*:<>@[\\]^_`|~"}
# GitHub and GitLab look for these in the finished text; they do not look into code, and not over a gap.
_REFERENCE = re.compile(r"(%|&#(?:33|35|36|38|58|64|91|94|126);|\bGH-)(?=\w|\x22)")
_GAP = r"\1&#8203;"
_AT = "&#64;"
_NO_MAIL = "<!-- -->"  # without it GitHub makes a link of what looks like an address of mail, even in code
_LONGEST = 300  # characters of prose from elsewhere


def prose(text: str) -> str:
    """A sentence that has words of others in it."""
    return _REFERENCE.sub(_GAP, _entities(shortened(printable(text), _LONGEST)))


def code(text: str, most: int = 120) -> str:
    """A name or a value, at most that many characters of it. `<code>` and not backticks: those cannot hold a pipe."""
    shown = shortened(printable(text), most)
    return f"<code>{_entities(shown).replace(_AT, _NO_MAIL + _AT)}</code>" if shown else "<i>empty</i>"


def _entities(text: str) -> str:
    return text.translate(_PUNCTUATION).replace("www.", "www&#46;")


def link(url: str, text: str) -> str:
    """A link where `url` is one for the web, the text alone where it is not."""
    address = web_address(url)
    return f'<a href="{address}">{text}</a>' if address else text


def web_address(url: str) -> str:
    """A URL that is safe within an attribute; "" for anything that is not http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return quote(url, safe=":/?#@!$&()*+,;=%~").replace("&", "&amp;") if _is_web(parts.scheme, parts.netloc) else ""


def _is_web(scheme: str, host: str) -> bool:
    return scheme in {"http", "https"} and bool(host)
