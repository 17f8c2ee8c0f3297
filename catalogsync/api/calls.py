"""One API call from operation to JSON: identity, pace, retries, credits and refusals. Both clients stand on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catalogsync.api.answers import credits_of
from catalogsync.api.operations import Operation
from catalogsync.api.pace import Pace
from catalogsync.api.parse import Reader
from catalogsync.api.refusals import refusal_of
from catalogsync.api.retry import Patience, persist
from catalogsync.api.settings import ApiSettings, CreditMeter, Identity
from catalogsync.api.watching import Watched
from catalogsync.errors import RateLimitedError, RemoteError

if TYPE_CHECKING:
    from catalogsync.api.http import Door, Request

Sleep = Callable[[float], Awaitable[None]]
Chance = Callable[[], float]
WAY_OUT = "Check the network, the proxies of the environment (HTTPS_PROXY, NO_PROXY) and {variable}."


@dataclass(frozen=True, slots=True)
class Body:
    """What a call says: query parameters, and text fields of a form or a JSON value."""

    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Any = None


class Calls:
    """Calls to one host. `meter` is None where calls cost nothing."""

    def __init__(
        self,
        settings: ApiSettings,
        base: str,
        variable: str,
        *,
        sleep: Sleep,
        random: Chance,
        meter: CreditMeter | None,
    ) -> None:
        self._settings = settings
        self._base = base
        self._variable = variable
        self._sleep = sleep
        self._random = random
        self._meter = meter
        self._pace = Pace(settings.connections)
        self._opened: Door | None = None

    async def json(
        self,
        operation: Operation,
        identity: Identity,
        body: Body,
        *,
        path: str = "",
        repeated: Callable[[RemoteError], Any] | None = None,
    ) -> Any | None:
        """The answer's JSON, None for a success without a JSON body. Raises RemoteError of every kind."""
        from catalogsync.api.http import Request

        request = Request(
            method=operation.method,
            url=self._base + (path or operation.path),
            headers=identity.headers,
            params={name: value for name, value in body.params.items() if value},
            form=body.form,
            json=body.json,
        )
        settings = self._settings
        patience = Patience(settings.attempts, settings.backoff, operation.idempotent, settings.longest_pause)
        watched = Watched(self._settings.on_call, operation.name, operation.method, request.url, route=operation.path)
        return await persist(
            lambda: self._once(operation, identity, request, watched),
            patience=patience,
            sleep=self._sleep,
            random=self._random,
            repeated=repeated,
            pausing=watched.pausing,
        )

    async def reader(self, operation: Operation, identity: Identity, body: Body) -> Reader:
        """The answer's JSON object, ready to be read."""
        return Reader.of(operation, await self.json(operation, identity, body))

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None

    async def _once(self, operation: Operation, identity: Identity, request: Request, watched: Watched) -> Any | None:
        async with self._pace.slot():
            with self._meter.reserved() if self._meter is not None else nullcontext(), watched.trying() as seen:
                answer = await self._door().send(request)
                payload = answer.json()
                refusal = refusal_of(operation, identity, answer, payload)
                seen.answered(answer.status, refusal)
                if self._meter is not None:
                    self._meter.note(credits_of(payload), operation.name)
                    seen.charged(credits_of(payload))
        if isinstance(refusal, RateLimitedError):
            self._pace.slower()
        if refusal is not None:
            raise refusal
        self._pace.faster()
        return payload

    def _door(self) -> Door:
        if self._opened is None:
            from catalogsync.api.http import Door, Timeouts

            way_out = WAY_OUT.format(variable=self._variable)
            self._opened = Door(connections=self._settings.connections, timeouts=Timeouts(), way_out=way_out)
        return self._opened
