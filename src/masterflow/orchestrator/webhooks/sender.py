"""The sender: claims what is due, posts it outside of any transaction, and writes what became of it."""

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from masterflow import __version__
from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.errors import MasterflowError
from masterflow.logs import get_logger
from masterflow.orchestrator.webhooks.addresses import Forbidden, resolve, target_of
from masterflow.orchestrator.webhooks.service import secret_place
from masterflow.orchestrator.webhooks.signing import headers
from masterflow.orchestrator.webhooks.store import OutcomeStore, SendingStore
from masterflow.orchestrator.webhooks.types import Claim, DeliveryState, Outcome

AT_ONCE = 40  # requests of one process
AT_ONCE_FOR_ONE = 2  # of them to one webhook: a receiver that is dead or slow keeps no room from the others
LOOK = timedelta(seconds=1)  # for what is due meanwhile, while requests run
TIME_LIMIT = timedelta(seconds=10)  # of one request, from the look-up of its host to the end of the answer
LEASE = timedelta(seconds=60)  # until another sender may take it for undelivered; longer than the time limit
LONGEST_RESPONSE = 500  # characters of an answer that are kept
FIRST_DELAY, GROWTH, LONGEST_DELAY = timedelta(seconds=5), 3, timedelta(hours=6)
JITTER = 0.2  # of a delay, up or down
LAST_ATTEMPT = 12  # about 23 hours after the first
LAST_FORBIDDEN = 3  # attempts at a host that leads inside: its address may be mended, but not for a day
PAUSED_AFTER = 10  # deliveries given up without a success between
GONE = 410

log = get_logger(__name__)


class Sender:
    """Makes deliveries. Every worker may have one. Without a sealer (no key is set) it makes none."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer | None,
        *,
        allow_private: bool = False,
        time_limit: timedelta = TIME_LIMIT,
    ) -> None:
        self._store = SendingStore(database)
        self._sealer = sealer
        self._allow_private = allow_private
        self._time_limit = time_limit
        self._trust = ssl.create_default_context()

    async def run_once(self) -> int:
        """Make the deliveries that are due, a few at a time and of each webhook, until none is; answers how many
        attempts were made. Those that take long hold no other back.
        """
        if self._sealer is None:
            return 0
        made, running = 0, dict[asyncio.Task[None], UUID]()
        try:
            while True:
                for claim in await self._claim(list(running.values())):
                    running[asyncio.create_task(self._deliver(claim, self._sealer))] = claim.webhook_id
                if not running:
                    return made
                done, _ = await asyncio.wait(running, timeout=LOOK.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del running[task]
                    task.result()
                    made += 1
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _claim(self, busy: Sequence[UUID]) -> Sequence[Claim]:
        if len(busy) >= AT_ONCE:
            return ()
        return await self._store.claim(limit=AT_ONCE - len(busy), limit_for_one=AT_ONCE_FOR_ONE, busy=busy, lease=LEASE)

    async def _deliver(self, claim: Claim, sealer: Sealer) -> None:
        outcome = await self._attempt(claim, sealer)
        async with self._store.recording() as store:
            await _record(store, claim, outcome)

    async def _attempt(self, claim: Claim, sealer: Sealer) -> Outcome:
        began = time.monotonic()
        status_code, error, response, forbidden = None, None, None, False
        try:
            async with asyncio.timeout(self._time_limit.total_seconds()):
                status_code, response = await self._post(claim, sealer)
        except MasterflowError as refused:
            error, forbidden = str(refused), isinstance(refused, Forbidden)
        except TimeoutError:
            error = f"No answer came within {self._time_limit.total_seconds():g} s."
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        else:
            error = None if httpx.codes.is_success(status_code) else _refusal(status_code)
        return Outcome(
            status_code=status_code,
            error=error and _kept(error),
            response=response,
            forbidden=forbidden,
            duration_ms=round((time.monotonic() - began) * 1000),
        )

    async def _post(self, claim: Claim, sealer: Sealer) -> tuple[int, str]:
        target = target_of(claim.url, allow_private=self._allow_private)
        address = await resolve(target, allow_private=self._allow_private)
        body = claim.body.encode()
        said = headers(claim.delivery_id, body, at=datetime.now(UTC), keys=_keys(claim, sealer))
        said |= {
            "host": target.authority,
            "content-type": "application/json",
            "user-agent": f"Masterflow/{__version__}",
        }
        # The address that was judged, under the name that was asked for: certificates are checked against the name.
        limit = self._time_limit.total_seconds()  # of each step; the whole has its own
        async with (
            httpx.AsyncClient(timeout=limit, verify=self._trust, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST", target.at(address), content=body, headers=said, extensions={"sni_hostname": target.host}
            ) as answer,
        ):
            return answer.status_code, await _beginning(answer)


async def _beginning(answer: httpx.Response) -> str:
    """The first characters of an answer; the rest is not read. What is compressed is not unpacked."""
    read = b""
    async for chunk in answer.aiter_raw(LONGEST_RESPONSE):
        read += chunk
        if len(read) >= LONGEST_RESPONSE:
            break
    return _kept(read.decode("utf-8", "replace"))


async def _record(store: OutcomeStore, claim: Claim, outcome: Outcome) -> None:
    """Write what an attempt came to, and what follows for its webhook."""
    if outcome.error is None:
        if await store.end(claim, outcome, state=DeliveryState.DELIVERED):
            await store.succeeded(claim.webhook_id)
        return
    last = LAST_FORBIDDEN if outcome.forbidden else LAST_ATTEMPT
    if outcome.status_code != GONE and claim.attempts < last:
        again_in = delay_after(claim.attempts, chance=random.random())  # noqa: S311  spreads load, guards nothing
        await store.end(claim, outcome, state=DeliveryState.PENDING, again_in=again_in)
        return
    if not await store.end(claim, outcome, state=DeliveryState.FAILED):
        return
    failures = await store.failed(claim.webhook_id)
    if outcome.status_code == GONE:
        await _pause(store, claim, "The receiver answered 410: it wants no more.")
    elif failures >= PAUSED_AFTER:
        await _pause(store, claim, f"{failures} deliveries in a row were given up.")


async def _pause(store: OutcomeStore, claim: Claim, reason: str) -> None:
    await store.pause(claim.webhook_id, reason)
    log.warning("webhook_paused", webhook_id=str(claim.webhook_id), reason=reason)


def delay_after(attempts: int, *, chance: float) -> timedelta:
    """How long to wait after so many attempts; `chance` from 0 to 1 spreads it."""
    delay: timedelta = min(FIRST_DELAY * float(GROWTH) ** (attempts - 1), LONGEST_DELAY)
    return delay * (1 + JITTER * (2 * chance - 1))


def _keys(claim: Claim, sealer: Sealer) -> list[bytes]:
    client = claim.tenant.client_account_id
    keys = [sealer.open(claim.secret, secret_place(client, "secret", claim.webhook_id))]
    if claim.previous_secret is not None:
        keys.append(sealer.open(claim.previous_secret, secret_place(client, "previous_secret", claim.webhook_id)))
    return keys


def _refusal(status_code: int) -> str:
    what = "redirects are not followed" if httpx.codes.is_redirect(status_code) else "not a success"
    return f"The receiver answered {status_code}: {what}."


def _kept(text: str) -> str:
    """A text of somebody else's as a row can hold it."""
    return text.replace("\x00", "\ufffd")[:LONGEST_RESPONSE]
