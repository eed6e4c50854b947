"""Orders for many flows, for verified people, and the worker's duty that carries them out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID, uuid4

from masterflow.db.calls import Call, calling
from masterflow.db.keyset import DEFAULT_PAGE, clean_limit, read_cursor, write_cursor
from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, ErrorClass, InvalidInput, NotAllowed, NotFound, QuotaExceeded
from masterflow.logs import get_logger
from masterflow.orchestrator import changes
from masterflow.orchestrator.bulk.store import BulkStore, finish, hold, left, running_jobs, tell
from masterflow.orchestrator.bulk.types import (
    BulkCommand,
    BulkItem,
    BulkItems,
    BulkJob,
    Chosen,
    ItemOutcome,
    Preview,
    Refusal,
    Selection,
)
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.failures import class_of
from masterflow.orchestrator.states import refusal
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.store import TenancyStore
from masterflow.tenancy.types import Page, Principal

log = get_logger(__name__)

MOST_FLOWS = 10_000  # in one job
CHUNK = 25  # flows of one job before another job has its turn
SAMPLE = 10  # flows that a preview shows

CHANGES: Mapping[BulkCommand, Change] = {
    BulkCommand.PAUSE: changes.pause(at_once=False),
    BulkCommand.RESUME: changes.resume(),
    BulkCommand.CANCEL: changes.cancel(),
    BulkCommand.RETRY: changes.retry(),
    BulkCommand.DELETE: changes.delete(),
    BulkCommand.RESTORE: changes.restore(),
}
NEEDS: Mapping[BulkCommand, Operation] = {
    command: Operation.DELETE_FLOWS if command in {BulkCommand.DELETE, BulkCommand.RESTORE} else Operation.RUN_FLOWS
    for command in BulkCommand
}
# These find a flow that stands still. If it does not stand as it was chosen, somebody else has dealt with it meanwhile.
AS_CHOSEN = frozenset({BulkCommand.RESUME, BulkCommand.RETRY, BulkCommand.DELETE, BulkCommand.RESTORE})


class Commands(Protocol):
    """What a job asks of the orchestrator for each flow."""

    async def pause(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        at_once: bool = False,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow: ...

    async def retry(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        phase: str | None = None,
        values: Mapping[str, Any] | None = None,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow: ...

    async def resume(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow: ...

    async def cancel(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow: ...

    async def delete(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow: ...

    async def restore(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow: ...


class BulkCommands:
    """Counts, orders and carries out one command on many flows of an engagement."""

    def __init__(self, database: Database, commands: Commands) -> None:
        self._database = database
        self._commands = commands

    async def preview(self, actor: Principal, command: BulkCommand, selection: Selection) -> Preview:
        """What `command` would do to the flows selected, as they stand now; it changes nothing.

        Raises:
            InvalidInput: nothing is selected by, or more than 10,000 flows are selected.
            NotAllowed: the person may not give this command.
        """
        actor.require(NEEDS[command])
        chosen = await self._choose(actor, command, selection)
        return _preview(command, selection, chosen)

    async def order(
        self, actor: Principal, command: BulkCommand, selection: Selection, *, reason: str | None = None
    ) -> BulkJob:
        """Order `command` for the flows selected now; workers carry it out, as the person who ordered it.

        Raises:
            InvalidInput: nothing is selected by, no flow or more than 10,000 are selected.
            NotAllowed: the person may not give this command.
        """
        actor.require(NEEDS[command])
        chosen = await self._choose(actor, command, selection)
        items = [(one.flow_id, one.version) for one in chosen]
        items += [(flow_id, 0) for flow_id in _unknown(selection, chosen)]
        if not items:
            raise InvalidInput("No flow is selected.", hint="Look at the selection with a dry run.")
        job_id = uuid4()
        async with self._database.commanding(actor.tenant) as connection:
            store = BulkStore(connection, actor.tenant)
            await store.insert(job_id, actor, command, _said(selection), reason, items)
            return _existing(await store.job(job_id))

    async def job(self, actor: Principal, job_id: UUID) -> BulkJob:
        """How far a job is.

        Raises:
            NotFound: there is no such job.
        """
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            return _existing(await BulkStore(connection, actor.tenant).job(job_id))

    async def jobs(self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[BulkJob]:
        """The engagement's jobs, newest first.

        Raises:
            InvalidInput: no list gave this cursor, or the page is too large.
        """
        actor.require(Operation.READ_FLOWS)
        behind, limit = read_cursor(cursor) if cursor else None, clean_limit(limit)
        async with self._database.reading(actor.tenant) as connection:
            found = await BulkStore(connection, actor.tenant).jobs(behind=behind, limit=limit + 1)
        following = write_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
        return Page(items=tuple(found[:limit]), cursor=following)

    async def items(
        self, actor: Principal, job_id: UUID, *, outcome: ItemOutcome | None = None, after: int = 0, limit: int = 200
    ) -> BulkItems:
        """What became of a job's flows, in their order, behind position `after`.

        Raises:
            NotFound: there is no such job.
        """
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            store = BulkStore(connection, actor.tenant)
            _existing(await store.job(job_id))
            return await store.items(job_id, outcome=outcome, after=after, limit=limit)

    async def cancel(self, actor: Principal, job_id: UUID) -> BulkJob:
        """End a job: flows that had their turn stay as they are, the others keep out of it.

        Raises:
            NotFound: there is no such job.
            Conflict: it runs no more.
        """
        actor.require(Operation.RUN_FLOWS)
        async with self._database.commanding(actor.tenant) as connection:
            store = BulkStore(connection, actor.tenant)
            job = _existing(await store.job(job_id))
            if not await store.cancel(job_id):
                raise Conflict(f"The job is {job.status} already.", hint="There is nothing to cancel.")
            await tell(connection, job)
            return _existing(await store.job(job_id))

    async def work(self) -> int:
        """Carry out what is ordered, a chunk of each job in turn, until nothing is left; answers how many flows.

        Any number of workers may do this at once. A flow's outcome is written in the transaction of its command, so it
        is commanded exactly once, whoever dies in between.
        """
        total = 0
        while True:
            async with self._database.moving() as connection:
                jobs = await running_jobs(connection)
            done = sum([await self._chunk(job_id) for job_id in jobs])
            total += done
            if not done:
                return total

    async def _chunk(self, job_id: UUID) -> int:
        async with self._database.moving_together() as connection:
            job = await hold(connection, job_id)
            if job is None:
                return 0
            positions = await left(connection, job_id, limit=CHUNK)
            done = sum([await self._one(job, position) for position in positions])
            is_over = len(positions) < CHUNK and done == len(positions)
            if is_over:
                await finish(connection, job_id)
                log.info("bulk_job_done", job_id=str(job_id), command=str(job.command), flows=job.items)
            if is_over or done:
                await tell(connection, job)
        return done

    async def _one(self, job: BulkJob, position: int) -> bool:
        """Give one flow its turn; False if it stays for later."""
        try:
            with calling(_call(job)):
                return await self._turn(job, position)
        except Exception as error:  # boundary: one flow of a job; the others have their turn all the same
            if class_of(error) is ErrorClass.TRANSIENT:
                log.warning("bulk_item_waits", job_id=str(job.id), position=position, exc_info=error)
                return False
            log.exception("bulk_item_failed", job_id=str(job.id), position=position)
            async with self._database.commanding(job.tenant) as connection:
                store = BulkStore(connection, job.tenant)
                await store.mark(job.id, position, ItemOutcome.FAILED, f"{type(error).__name__}; the log says more.")
            return True

    async def _turn(self, job: BulkJob, position: int) -> bool:
        """Command one flow and write its outcome, in one transaction; False if it had its turn, or another gives it."""
        async with self._database.together(job.tenant) as unit:
            async with self._database.transaction(job.tenant) as session:
                store = BulkStore(await session.driver(), job.tenant)
                item = await store.take(job.id, position)
                if item is None:
                    return False
                outcome, detail = ItemOutcome.DONE, None
                try:
                    actor = await TenancyStore(session).principal(job.ordered_by, through=f"job:{job.id}")
                    await self._command(actor, job, item)
                except (Conflict, NotFound, NotAllowed, QuotaExceeded) as error:
                    outcome, detail = ItemOutcome.REFUSED, str(error)
                await store.mark(job.id, position, outcome, detail)
            await unit.conclude()
        return True

    async def _command(self, actor: Principal, job: BulkJob, item: BulkItem) -> None:
        version = item.version if job.command in AS_CHOSEN and item.version else None
        run = {
            BulkCommand.PAUSE: self._commands.pause,
            BulkCommand.RESUME: self._commands.resume,
            BulkCommand.CANCEL: self._commands.cancel,
            BulkCommand.RETRY: self._commands.retry,
            BulkCommand.DELETE: self._commands.delete,
            BulkCommand.RESTORE: self._commands.restore,
        }[job.command]
        await run(actor, item.flow_id, reason=job.reason, expected_version=version)

    async def _choose(self, actor: Principal, command: BulkCommand, selection: Selection) -> list[Chosen]:
        if not _said(selection):
            raise InvalidInput("The selection names nothing.", hint="Name flows, a type, a status, a date or a name.")
        if selection.flow_ids is not None and len(selection.flow_ids) > MOST_FLOWS:
            raise _too_many()
        async with self._database.reading(actor.tenant) as connection:
            chosen = await BulkStore(connection, actor.tenant).choose(
                selection, deleted=CHANGES[command].deleted, limit=MOST_FLOWS + 1
            )
        if len(chosen) > MOST_FLOWS:
            raise _too_many()
        return chosen


class TenantBulk:
    """`BulkCommands` bound to a verified person; what each does is said there."""

    def __init__(self, bulk: BulkCommands, principal: Principal) -> None:
        self._bulk = bulk
        self._principal = principal

    async def preview(self, command: BulkCommand, selection: Selection) -> Preview:
        """What a command would do to the flows selected."""
        return await self._bulk.preview(self._principal, command, selection)

    async def order(self, command: BulkCommand, selection: Selection, *, reason: str | None = None) -> BulkJob:
        """Order a command for the flows selected now."""
        return await self._bulk.order(self._principal, command, selection, reason=reason)

    async def job(self, job_id: UUID) -> BulkJob:
        """How far a job is."""
        return await self._bulk.job(self._principal, job_id)

    async def jobs(self, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[BulkJob]:
        """The engagement's jobs."""
        return await self._bulk.jobs(self._principal, cursor=cursor, limit=limit)

    async def items(
        self, job_id: UUID, *, outcome: ItemOutcome | None = None, after: int = 0, limit: int = 200
    ) -> BulkItems:
        """What became of a job's flows."""
        return await self._bulk.items(self._principal, job_id, outcome=outcome, after=after, limit=limit)

    async def cancel(self, job_id: UUID) -> BulkJob:
        """End a job."""
        return await self._bulk.cancel(self._principal, job_id)


def _call(job: BulkJob) -> Call:
    return Call(
        actor=job.ordered_by_email,
        user_id=job.ordered_by,
        through=f"job:{job.id}",
        action=f"bulk_{job.command}",
        request_id=uuid4().hex,
    )


def _preview(command: BulkCommand, selection: Selection, chosen: list[Chosen]) -> Preview:
    allowed = CHANGES[command]
    by_status: Counter[FlowStatus] = Counter(one.status for one in chosen if one.status not in allowed.sources)
    refusals = [Refusal(count, str(refusal(status, allowed.command))) for status, count in by_status.most_common()]
    unknown = _unknown(selection, chosen)
    if unknown:
        said = "There is no such flow" + (" among the deleted." if allowed.deleted else ".")
        refusals.append(Refusal(len(unknown), said))
    return Preview(
        command=command,
        selected=len(chosen),
        would_move=len(chosen) - by_status.total(),
        refusals=tuple(refusals),
        sample=tuple(one for one in chosen if one.status in allowed.sources)[:SAMPLE],
    )


def _unknown(selection: Selection, chosen: list[Chosen]) -> list[UUID]:
    """Ids that were named and that no flow has which the rest of the selection meets."""
    known = {one.flow_id for one in chosen}
    return [flow_id for flow_id in dict.fromkeys(selection.flow_ids or ()) if flow_id not in known]


def _said(selection: Selection) -> dict[str, Any]:
    """What a selection says, as JSON."""
    said: dict[str, Any] = {
        "flow_ids": None if selection.flow_ids is None else len(set(selection.flow_ids)),
        "flow_type": selection.flow_type,
        "status": selection.status,
        "created_after": selection.created_after and selection.created_after.isoformat(),
        "created_before": selection.created_before and selection.created_before.isoformat(),
        "name_contains": selection.name_contains or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _existing(job: BulkJob | None) -> BulkJob:
    if job is None:
        raise NotFound("There is no such job.", hint="List the jobs of this engagement.")
    return job


def _too_many() -> InvalidInput:
    return InvalidInput(f"More than {MOST_FLOWS:,} flows are selected.", hint="Select fewer, in several orders.")
