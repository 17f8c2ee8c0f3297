"""What can go wrong before a sandbox serves. (Its HTTP errors are `calls.Refusal`.)"""


class SandboxError(Exception):
    """The root of the sandbox's own errors."""


class SandboxUnavailableError(SandboxError):
    """The libraries of the `sandbox` extra are not installed."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"The sandbox needs {missing}: run `pip install 'catalogsync[sandbox]'`.")


class SandboxInUseError(SandboxError):
    """Another living process serves this data folder, or the wanted port is taken."""


class SandboxNotServedError(SandboxError):
    """No living process serves this data folder."""


class SandboxRefusedError(SandboxError):
    """The running sandbox refused what it was told, in its words."""
