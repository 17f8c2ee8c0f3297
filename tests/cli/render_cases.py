"""What the tests of formats share: names that try to break out, and plans that have every type of change."""

from dataclasses import replace

from plan_shapes import (
    HIDDEN,
    SHOWN,
    adopt,
    archive,
    await_content,
    conflict,
    create,
    delete,
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)

from catalogsync.cli.render.review import Review
from catalogsync.errors import Place
from catalogsync.plan.changes import Notice, Plan
from catalogsync.plan.guards import Objection

VILE = (
    "A|B `c` @octocat #123 <script>alert(1)</script>\n\r\n| new | row |\n::error::x --> ![x](http://x/y) \\| "
    "&amp; \x1b[31m"
)
OBJECTIONS = (
    Objection("max-deletes", "1 of 3 would be destroyed", "--max-deletes=1"),
    Objection("protected", "product.B is protected and would be destroyed", "--allow=protected"),
)
EVERY_TYPE = plan_of(
    [
        create("A", thumbnail=True, gtin="4006381333931"),
        adopt("B1", "name:Lamp>Arc lamp"),
        update("C", "name:Lamp>Arc lamp", "gtin:>4006381333931"),
        park("D", "sku_id:A>parked"),
        replacement("E", gtin="4006381333931"),
        delete("B", gtin="4006381333931"),
        forget("F"),
        generate("A", "ar", "silo", archive=("* - Black bg - *",)),
        archive("G", hide=(SHOWN,), show=(HIDDEN,)),
        render("hero", "A"),
        conflict("H"),
        await_content("I", "ar"),
    ],
    edges=[(0, 7), (0, 9), (3, 2), (5, 0)],
)
FULL = Review(
    replace(EVERY_TYPE, available=995, notices=(Notice("content.G", "its AR failed"),)),
    OBJECTIONS,
    {change.address: Place("shop/catalog.yaml", 3 + index, 5) for index, change in enumerate(EVERY_TYPE.changes)},
)


def vile_review(name: str = VILE) -> Review:
    """A plan whose names, reasons and sentences all hold `name`."""
    made = replace(create("A"), address=f"product.{name}", fields={"name": name, "sku_id": name}, reason=name)
    renamed = replace(update("B", f"name:x>{name}"), reason=name)
    plan = replace(plan_of([made, renamed]), available=9, notices=(Notice(name, name),))
    return Review(plan, (Objection("max-deletes", name, name),), {f"product.{name}": Place(name, 1, 1)})


def many(number: int) -> Plan:
    return plan_of([create(f"SKU-{index:06}") for index in range(number)], edges=[])
