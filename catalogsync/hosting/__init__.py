"""The edge to code-hosting sites, GitHub and GitLab: comments and issues out, the reviewed plan of a merge in.

Importing this package loads the standard library only; the HTTP library is loaded by the first call.
"""

from catalogsync.hosting.port import Host, Posted, Thread
from catalogsync.hosting.review import fetch_reviewed_plan
from catalogsync.hosting.sticky import close_issue, post_comment, post_issue
from catalogsync.hosting.surroundings import host_of

__all__ = ["Host", "Posted", "Thread", "close_issue", "fetch_reviewed_plan", "host_of", "post_comment", "post_issue"]
