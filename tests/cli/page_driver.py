"""A plan's page in a real browser: opened from a file, driven by steps, asked what it shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalogsync.cli.render import html
from catalogsync.cli.render.html import plan_html
from catalogsync.cli.render.review import Review

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to open the page with")
DRIVER = """
const said = [];
window.addEventListener("error", (event) => said.push(event.message));
document.addEventListener("securitypolicyviolation", (event) => said.push(event.violatedDirective));
const rest = () => new Promise((resolve) => setTimeout(resolve, 50));
const press = (key, target = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
(async () => {
  const seen = {};
  try { await (async () => { %s })(); } catch (error) { said.push(String(error)); }
  document.body.replaceChildren(element("pre", { id: "result" }, JSON.stringify({ ...seen, said })));
})();
"""


def driven(review: Review, steps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page says after `steps`, which fill `seen`. The steps are part of its script, for it runs no other."""
    original = html._asset
    monkeypatch.setattr(html, "_asset", lambda name: original(name) + (DRIVER % steps if name == "plan.js" else ""))
    path = tmp_path / "plan.html"
    path.write_text(plan_html(review), encoding="utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=20000", "--window-size=1200,900", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    result: dict[str, Any] = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert result.pop("said") == []
    return result
