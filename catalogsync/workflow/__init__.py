"""Floor 5: the use cases, each in a few lines. The only floor that puts the edges and the deciding floors together."""

from catalogsync.workflow.account import AccountLook, identify_account, read_feed
from catalogsync.workflow.looking import ContentLook, Looks, RenderLook, look, remembered
from catalogsync.workflow.planning import Planned, PlanOptions, Reading, make_plan, only_waiting, validate
from catalogsync.workflow.running import ApplyOptions, Run, RunResult

__all__ = [
    "AccountLook",
    "ApplyOptions",
    "ContentLook",
    "Looks",
    "PlanOptions",
    "Planned",
    "Reading",
    "RenderLook",
    "Run",
    "RunResult",
    "identify_account",
    "look",
    "make_plan",
    "only_waiting",
    "read_feed",
    "remembered",
    "validate",
]
