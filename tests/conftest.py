"""For every test: the sandbox's content is plain, so that nothing waits for pictures; tests that render say so."""

import os

os.environ["CATALOGSYNC_SANDBOX_CONTENT"] = "plain"
