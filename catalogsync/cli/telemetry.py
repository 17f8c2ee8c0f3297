"""Whether telemetry is sent, and what happens when it cannot be. The library is loaded only when it is."""

from __future__ import annotations

from collections.abc import Mapping

import click

from catalogsync.cli.audience import Audience
from catalogsync.errors import CatalogSyncError, MissingExtraError, UsageMistakeError

VARIABLE = "CATALOGSYNC_OTEL"
# OpenTelemetry's own: where something is exported to. Source: OpenTelemetry, "OTLP Exporter Configuration".
ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
_YES = frozenset({"1", "true", "yes", "on"})


def asked(environment: Mapping[str, str]) -> bool:
    """CATALOGSYNC_OTEL decides; where it is not set, an endpoint of OpenTelemetry's variables is enough."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return explicitly(environment) if environment.get(VARIABLE) else any(environment.get(name) for name in ENDPOINTS)


def explicitly(environment: Mapping[str, str]) -> bool:
    return environment.get(VARIABLE, "").strip().lower() in _YES


def join(audience: Audience, environment: Mapping[str, str]) -> None:
    """Let telemetry listen to a command.

    Raises MissingExtraError and UsageMistakeError when CATALOGSYNC_OTEL asks for what is not installed, or cannot be
    with these variables. An endpoint alone may be meant for other programs: there it is only said.
    """
    try:
        from catalogsync.cli.tracing import exporting

        telemetry = exporting(audience.command, environment)
    except ImportError as error:
        _refuse(MissingExtraError("otel", "Telemetry"), error, environment)
    except ValueError as error:
        told = f"The OTEL_ variables of the environment cannot be used: {error}"
        _refuse(UsageMistakeError(told, hint="Correct them"), error, environment)
    else:
        audience.listen(telemetry.tell, telemetry.end)


def _refuse(refusal: CatalogSyncError, cause: Exception, environment: Mapping[str, str]) -> None:
    if explicitly(environment):
        raise refusal from cause
    click.echo(f"Note: {refusal} {refusal.hint}, or set {VARIABLE}=0.", err=True)
