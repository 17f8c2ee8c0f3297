"""What a sandbox says about itself, as text: requests, failures, faults, scenes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click

from catalogsync.cli.render.printable import printable

GOOD, BROKEN = 400, 500


def request_line(request: Mapping[str, Any]) -> str:
    """`10:15:02  201  POST   /v1/product/details/  secret, 9,998 credits`."""
    at = datetime.fromtimestamp(request["at"]).astimezone().strftime("%H:%M:%S")
    where = printable(request["path"] + (f"?{request['query']}" if request["query"] else ""))
    facts = [request["key"]] if request["key"] else []
    if request["credits"] is not None:
        facts.append(f"{request['credits']:,} credits")
    if request["fault"]:
        facts.append(f"fault: {request['fault']}")
    return f"{at}  {_status(request['status'])}  {request['method']:<6} {where}  {', '.join(facts)}".rstrip()


def _status(status: int | None) -> str:
    if status is None:
        return click.style("---", fg="red")
    return click.style(str(status), fg="green" if status < GOOD else "yellow" if status < BROKEN else "red")


def failure_line(failure: Mapping[str, Any]) -> str:
    return printable(f"{failure['kind']} {failure['id']}: {failure['outcome']}: {failure['reason']}")


def faults_text(told: Mapping[str, Any]) -> str:
    """What is set, then what can be set."""
    rules = [_rule_line(rule) for rule in told["rules"]]
    variants = [f"  {name} = {value}" for name, value in told["variants"].items()]
    lines = ["Set now:", *rules, *variants] if rules or variants else ["No fault is set."]
    width = max(len(preset["name"]) for preset in told["presets"])
    presets = [f"  {preset['name']:<{width}}  {preset['does']}" for preset in told["presets"]]
    return "\n".join([*lines, "", "Can be set (while it is, ...):", *presets])


def _rule_line(rule: Mapping[str, Any]) -> str:
    often = "every time" if rule["times"] is None else f"{rule['times']} times"
    part = f", {rule['share']:.0%} of them" if rule["share"] < 1 else ""
    later = f", after {rule['after']} more" if rule["after"] else ""
    return f"  {rule['name'] or rule['do']}: {rule['method']} {rule['path']}, {often}{part}{later}"


def scenes_text(world: Mapping[str, Any]) -> str:
    """Scenes with their cameras, then materials and units."""
    lines: list[str] = []
    for scene in world["scenes"]:
        lines.append(f"{scene['scene_id']}  {scene['name']}")
        lines += _numbered(scene["cameras"])
    lines += ["", "Materials", *_numbered(world["materials"])]
    return "\n".join([*lines, "", f"Units: {', '.join(world['units'])}"])


def _numbered(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"  {row['id']}  {row['name']}" for row in rows]
