"""For every test: the sandbox's content is plain, so that nothing waits for pictures; tests that render say so.

And an example of a property test may take its time: a busy machine is no failure of the code.
"""

import os

from hypothesis import HealthCheck, settings

os.environ["CATALOGSYNC_SANDBOX_CONTENT"] = "plain"

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
