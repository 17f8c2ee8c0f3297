"""How content jobs are sent, and how those that were not answered are settled.

Whether an unanswered job was accepted is asked when a job is first looked at, and by that very look: an earlier one
would cost a credit more and mostly find nothing. Until then its call stays open in the journal, and nothing waits for
it but a time on the schedule's heap. It is sent again only once the status was read late enough and shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalogsync.apply.bench import Bench, Done, Result
from catalogsync.apply.unknown import OUTCOME_UNKNOWN, give_up_if_told_to_wait, overdue
from catalogsync.errors import InvalidRequestError, RemoteError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen
from catalogsync.model.state import Bind, ContentBinding, Intend, Intent, Origin, OutputRecord, Phase, Settle
from catalogsync.plan.changes import Await, Generate
from catalogsync.plan.contents import outputs_of, tells_of_job

SUBMIT_JOB = "submit-job"
MODEL = "model_sha256"  # in a job's request: what an unanswered one makes its outputs from


async def submit_job(bench: Bench, change: Generate) -> Result:
    """One job for all missing outputs that no job may be making already.

    An unanswered one is left to the wait that follows, unless it is so old that its effect must show by now: then it
    is looked for here, since who plans may have read the status when it was younger.
    """
    unicode = bench.memory.product(change.product_address).unicode
    earlier = await _of_this_product(bench, change.address, unicode)
    late = [intent for intent in earlier if overdue(bench, intent)]
    if late:
        nowhere = await settle(bench, change.address, late, await bench.remote.content_status(unicode=unicode))
        await disbelieve(bench, nowhere)
    made = {name for intent in earlier if intent not in late for name in outputs_of(intent)}
    made |= _running(bench, change, unicode)
    rest = tuple(name for name in change.outputs if name not in made)
    if rest:
        await _submit(bench, change, unicode, rest)
    return Done()


async def _of_this_product(bench: Bench, address: str, unicode: str) -> list[Intent]:
    """Open jobs of the product; one that was sent for another product under this address is of no use any more."""
    found = bench.memory.open_intents(address, SUBMIT_JOB, unicode)
    gone = [intent for intent in found if intent.request.get("unicode") != unicode]
    if gone:
        await bench.memory.commit(*(Settle(one.id, Phase.FAILED, "its product is another one by now") for one in gone))
    return [intent for intent in found if intent not in gone]


def _running(bench: Bench, change: Generate, unicode: str) -> set[str]:
    """Outputs of which a job for this very model was accepted in the meantime."""
    known = bench.memory.contents.get(change.address)
    if known is None or known.unicode != unicode:
        return set()
    return {
        name
        for name, record in known.outputs.items()
        if record.progress is Progress.RUNNING and record.model_sha256 in {"", change.model_sha256}
    }


async def _submit(bench: Bench, change: Generate, unicode: str, outputs: tuple[str, ...]) -> None:
    request = {"unicode": unicode, "outputs": ",".join(outputs), MODEL: change.model_sha256}
    intent = bench.intent(change.address, SUBMIT_JOB, request)
    await bench.memory.commit(Intend(intent))
    try:
        await bench.remote.submit_content_job(unicode, outputs)
    except OUTCOME_UNKNOWN as error:
        await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
        give_up_if_told_to_wait(error)
    except RemoteError as error:
        await bench.memory.commit(Settle(intent.id, Phase.FAILED, str(error)))
        _explain(bench, change, error)
        raise
    else:
        accepted = _accepted(bench, change.address, intent, bench.now())
        await bench.memory.commit(Bind(accepted), Settle(intent.id, Phase.DONE, ",".join(outputs)))
        bench.runs_still(change.address)


def _explain(bench: Bench, change: Generate, error: RemoteError) -> None:
    """What is listed may lack its files: who made it, a run whose state is lost perhaps, never finished the upload."""
    address = change.product_address
    if isinstance(error, InvalidRequestError) and bench.memory.product(address).origin is Origin.ADOPTED:
        error.hint = error.hint or f"If its upload was never finished, --replace {address} makes the product anew."


def unanswered(bench: Bench, change: Generate | Await) -> list[Intent]:
    """Open jobs for outputs of a change, of one product: the latest that a job was sent for."""
    known = bench.memory.contents.get(change.address)
    found = bench.memory.open_intents(change.address, SUBMIT_JOB, known.unicode if known else "")
    ours = [intent for intent in found if {*outputs_of(intent)} & {*change.outputs}]
    return [intent for intent in ours if intent.request.get("unicode") == ours[-1].request.get("unicode")]


async def settle(bench: Bench, address: str, jobs: Sequence[Intent], seen: ContentSeen | None) -> list[Intent]:
    """Remember the unanswered jobs that a status shows as running since they were sent. Returns the others."""
    known = bench.memory.contents.get(address)
    shown = [job for job in jobs if seen and any(tells_of_job(name, seen, known) for name in outputs_of(job))]
    for job in shown:
        accepted = _accepted(bench, address, job, job.at)
        await bench.memory.commit(Bind(accepted), Settle(job.id, Phase.DONE, "the status shows it"))
    return [job for job in jobs if job not in shown]


async def disbelieve(bench: Bench, jobs: Iterable[Intent]) -> None:
    """The status shows nothing of them, and late enough: they were never accepted."""
    await bench.memory.commit(*(Settle(job.id, Phase.FAILED, "the status shows nothing of it") for job in jobs))


def _accepted(bench: Bench, address: str, job: Intent, at: str) -> ContentBinding:
    unicode = job.request.get("unicode", "")
    known = bench.memory.contents.get(address)
    current = known if known is not None and known.unicode == unicode else None
    record = OutputRecord(job.request.get(MODEL, ""), Progress.RUNNING, at)
    return ContentBinding(
        address=address,
        unicode=unicode,
        outputs={**(current.outputs if current else {}), **dict.fromkeys(outputs_of(job), record)},
        images=current.images if current else (),
    )
